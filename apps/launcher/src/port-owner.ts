// Who has a TCP port: read from /proc (proc(5)), so that "address in use" can say by whom. It changes nothing.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface Owner {
  readonly pid: number;
  readonly command: string;
}

const stateListening = '0A';

/** The process that listens on a port of an address (or of all addresses); null where none does or /proc does not tell. */
export function portOwner(address: string, port: number): Owner | null {
  const inode = listeningInode(address, port);
  return inode === null ? null : ownerOf(inode);
}

function listeningInode(address: string, port: number): string | null {
  const wantedPort = port.toString(16).toUpperCase().padStart(4, '0');
  const wanted = [`${littleEndianHex(address)}:${wantedPort}`, `00000000:${wantedPort}`];
  for (const line of readLines('/proc/net/tcp')) {
    const fields = line.trim().split(/\s+/);
    if (fields[3] === stateListening && wanted.includes(fields[1])) return fields[9];
  }
  const anyV6 = `${'0'.repeat(32)}:${wantedPort}`;
  for (const line of readLines('/proc/net/tcp6')) {
    const fields = line.trim().split(/\s+/);
    if (fields[3] === stateListening && fields[1] === anyV6) return fields[9];
  }
  return null;
}

function ownerOf(inode: string): Owner | null {
  for (const pid of readNames('/proc').filter((name) => /^\d+$/.test(name))) {
    for (const descriptor of readNames(`/proc/${pid}/fd`)) {
      if (linkOf(`/proc/${pid}/fd/${descriptor}`) === `socket:[${inode}]`)
        return { pid: Number(pid), command: commandOf(Number(pid)) };
    }
  }
  return null;
}

/** The command line of a process; '' where it is gone. */
export function commandOf(pid: number): string {
  return readText(`/proc/${pid}/cmdline`).split('\0').join(' ').trim();
}

function littleEndianHex(address: string): string {
  return address
    .split('.')
    .reverse()
    .map((part) => Number(part).toString(16).toUpperCase().padStart(2, '0'))
    .join('');
}

function readLines(path: string): string[] {
  return readText(path).split('\n').slice(1).filter(Boolean);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function readNames(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
