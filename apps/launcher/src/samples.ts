// What the launcher asks of the store, by the admin command as everybody does: is it there, and the walk-through's routes.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Place } from './plan.ts';

/** The store given cannot be reached. */
export class StoreAway extends Error {}

/** Exit status of the admin command for that. */
const storeAwayStatus = 3;

/** The version the samples are in. Rejects with what the admin command says; an abort ends it. */
export async function publishSamples(place: Place, store: string, signal: AbortSignal): Promise<number> {
  const args = ['publish', 'deploy/samples/tcp-echo', '--message', 'the walk-through'];
  const complaint = 'the sample routes could not be published';
  return ((await admin(place, store, args, complaint, signal)) as { version: number }).version;
}

export interface Log {
  /** The newest version, 0 for none. */
  readonly head: number;
  /** Null while no version goes from stage to stage. */
  readonly rollout: object | null;
}

/** Rejects with StoreAway where the store does not answer. A store of one file that nobody has made yet has an empty log. */
export async function readLog(place: Place, store: string, signal: AbortSignal): Promise<Log> {
  const complaint = 'the store cannot be used';
  const status = await admin(place, store, ['status'], complaint, signal, ['no-file']);
  return 'head' in status ? (status as Log) : { head: 0, rollout: null };
}

/** What the command answers; `expected`: reasons of a failure that are an answer, too. */
function admin(
  place: Place,
  store: string,
  words: readonly string[],
  complaint: string,
  signal: AbortSignal,
  expected: readonly string[] = [],
): Promise<object> {
  const child = spawn(join(place.root, 'node_modules/.bin/node'), ['apps/admin/src/main.ts', ...words, '--json'], {
    cwd: place.root,
    env: { ...place.env, SLUICE_STORE: store },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  let answer = '';
  let output = '';
  child.stdout.on('data', (chunk) => (answer += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    // Not 'exit': only at 'close' has all of the answer been read.
    child.on('close', (code) => {
      if (code === 0 || expected.some((reason) => reasonOf(answer) === reason)) return resolve(JSON.parse(answer));
      const message = `${complaint}:\n${(output || answer).trimEnd()}`;
      reject(code === storeAwayStatus ? new StoreAway(message) : new Error(message));
    });
  });
}

/** Undefined where the command ended before it could say. */
function reasonOf(answer: string): unknown {
  try {
    return JSON.parse(answer).reason;
  } catch {
    return undefined;
  }
}
