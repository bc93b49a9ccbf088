// Publishes the walk-through's routes. They take the same way as every change: the admin command, the config service, the log.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Place } from './plan.ts';

/** The store given cannot be reached. */
export class StoreAway extends Error {}

/** Exit status of the admin command for that. */
const storeAwayStatus = 3;

/** The version they are in, new or not. Rejects with what the admin command says; an abort ends it. */
export function publishSamples(place: Place, store: string, signal: AbortSignal): Promise<number> {
  const message = ['--message', 'the walk-through', '--json'];
  const args = ['apps/admin/src/main.ts', 'publish', 'deploy/samples/tcp-echo', ...message];
  const child = spawn(join(place.root, 'node_modules/.bin/node'), args, {
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
      const complaint = `the sample routes could not be published:\n${(output || answer).trimEnd()}`;
      if (code === 0) resolve((JSON.parse(answer) as { version: number }).version);
      else reject(code === storeAwayStatus ? new StoreAway(complaint) : new Error(complaint));
    });
  });
}
