// Which store a run uses: the one given, else a private Redis of its own with its data under .sluice/.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Children } from './children.ts';

export interface RunStore {
  readonly url: string;
  /** For people: which, and why. */
  readonly told: string;
  /** Where acceptors keep what they have of this store: another store's versions must not be taken for its own. */
  readonly stateFolder: string;
}

const readyMs = 15_000;
const stopMs = 10_000;

/** A redis-server or valkey-server of this machine, started privately; null where there is none. */
export async function privateRedis(root: string, folder: string, children: Children): Promise<RunStore | null> {
  const server = await findRedis(root);
  if (server === null) return null;
  const port = await freePort();
  const folderOfData = join(folder, 'redis');
  const stateFolder = stateOf(folder, 'redis', folderOfData);
  mkdirSync(folderOfData, { recursive: true });
  // appendfsync everysec and noeviction: an admitted version is kept, and never thrown away for another.
  const settings = { port: String(port), bind: '127.0.0.1', dir: folderOfData, appendonly: 'yes', save: '' };
  const more = { 'maxmemory-policy': 'noeviction', daemonize: 'no' };
  const args = Object.entries({ ...settings, ...more }).flatMap(([name, value]) => [`--${name}`, value]);
  const child = children.start({ name: 'redis', command: server, args, env: { PATH: process.env.PATH ?? '' }, stopMs });
  await child.until(() => answers('127.0.0.1', port), readyMs, 'an answer of Redis');
  return { url: `redis://127.0.0.1:${port}`, told: `private ${server.split('/').at(-1)} on port ${port}`, stateFolder };
}

/** The store for one machine, which needs nothing but Node: changes are admitted by whoever publishes them. */
export function fileStore(folder: string): RunStore {
  const path = join(folder, 'store.sqlite');
  const told = `${path} (no redis-server on PATH; --store redis://HOST:PORT takes a running one)`;
  return { url: `sqlite:${path}`, told, stateFolder: stateOf(folder, 'sqlite', path) };
}

/** A store that this run is given. */
export function givenStore(url: string, folder: string): RunStore {
  const key = createHash('sha256').update(url).digest('hex').slice(0, 12);
  return { url, told: url.replace(/\/\/.*@/, '//***@'), stateFolder: join(folder, 'state', key) };
}

/** What acceptors kept of a store that was deleted since is of no more use. */
function stateOf(folder: string, key: string, data: string): string {
  const stateFolder = join(folder, 'state', key);
  if (!existsSync(data)) rmSync(stateFolder, { recursive: true, force: true });
  return stateFolder;
}

async function findRedis(root: string): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)(join(root, 'scripts/redis'), [], { encoding: 'utf8' });
    return stdout.trim();
  } catch {
    return null;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Whether a TCP connect succeeds. */
export function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
