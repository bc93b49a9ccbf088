// Which sockets of sessions a process holds: read from /proc (proc(5)). When no session runs there must be none.
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { until } from '@sluice/testkit';
import type { RunningAcceptor } from './system.ts';

const stateListening = '0A';
const echoPort = 3333;

/** Each as `local-remote state`, once those on their way out have gone; empty where there is no /proc to tell. */
export async function sessionSocketsOf(acceptor: RunningAcceptor): Promise<string[]> {
  if (!existsSync('/proc/net/tcp')) return [];
  await until(() => held(acceptor).length === 0, 'no socket').catch(() => {});
  return held(acceptor);
}

function held({ process: { pid } }: RunningAcceptor): string[] {
  const rows = new Map(['tcp', 'tcp6'].flatMap((family) => rowsOf(`/proc/net/${family}`)));
  const others = readFileSync('/proc/net/unix', 'utf8');
  return readdirSync(`/proc/${pid}/fd`).flatMap((descriptor) => {
    const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${descriptor}`))?.[1];
    if (inode === undefined) return [];
    const row = rows.get(inode);
    if (row === undefined) return new RegExp(` ${inode}( |$)`, 'm').test(others) ? [] : [`${descriptor}: unconnected`];
    const isSession = row.remotePort === echoPort || (row.state !== stateListening && isEdge(row.localPort));
    return isSession ? [`${descriptor}: ${row.localPort}-${row.remotePort} ${row.state}`] : [];
  });
}

function isEdge(port: number): boolean {
  return port >= 31400 && port < 31500;
}

interface Row {
  readonly localPort: number;
  readonly remotePort: number;
  readonly state: string;
}

function rowsOf(file: string): [inode: string, row: Row][] {
  const portOf = (text: string) => Number.parseInt(text.split(':')[1], 16);
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(1)
    .filter(Boolean)
    .map((line) => {
      const [, local, remote, state, , , , , , inode] = line.trim().split(/\s+/);
      return [inode, { localPort: portOf(local), remotePort: portOf(remote), state }];
    });
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
