// Who has a TCP port: read from /proc (proc(5)), so that "address in use" can say by whom. It changes nothing.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const stateListening = '0A';

/**
 * Who listens on a port of an address (or of all addresses), in words: `process 7: nc -l 80`. Null where nobody does, or
 * where /proc is not there to tell.
 */
export function portOwner(address: string, port: number): string | null {
  const inode = listeningInode(address, port);
  if (inode === null) return null;
  const pid = ownerOf(inode);
  // Only root may look into the descriptors of other users' processes.
  return pid === null ? 'a process of another user' : `process ${pid}: ${commandOf(pid)}`;
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

function ownerOf(inode: string): number | null {
  for (const pid of readNames('/proc').filter((name) => /^\d+$/.test(name))) {
    for (const descriptor of readNames(`/proc/${pid}/fd`)) {
      if (linkOf(`/proc/${pid}/fd/${descriptor}`) === `socket:[${inode}]`) return Number(pid);
    }
  }
  return null;
}

/** The command line of a process; '' where it is gone. */
export function commandOf(pid: number): string {
  return readText(`/proc/${pid}/cmdline`).split('\0').join(' ').trim();
}

/** The folder a process works in; '' where it is gone or another user's. */
export function folderOf(pid: number): string {
  return linkOf(`/proc/${pid}/cwd`);
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
