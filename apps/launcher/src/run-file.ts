// `.sluice/run.json`: what runs from this checkout, so that `scripts/admin` finds the store, and a second start finds the
// first. Left behind only by a launcher that was killed; then the processes it names are ended by the next one.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandOf } from './port-owner.ts';

export interface RunFile {
  readonly pid: number;
  readonly store: string;
  readonly startedAt: string;
  readonly processes: Readonly<Record<string, number>>;
}

const name = 'run.json';

export function readRunFile(folder: string): RunFile | null {
  try {
    return JSON.parse(readFileSync(join(folder, name), 'utf8')) as RunFile;
  } catch {
    return null;
  }
}

export function writeRunFile(folder: string, run: RunFile): void {
  const aside = join(folder, `${name}.tmp`);
  writeFileSync(aside, `${JSON.stringify(run, null, 2)}\n`);
  renameSync(aside, join(folder, name));
}

export function removeRunFile(folder: string): void {
  rmSync(join(folder, name), { force: true });
}

/** Whether a launcher still runs; a number that another program has by now does not count. */
export function isRunning(run: RunFile): boolean {
  return commandOf(run.pid).includes('apps/launcher/src/main.ts');
}

/** Processes of a killed launcher that still run from this checkout, by name. */
export function leftovers(run: RunFile, root: string): [name: string, pid: number][] {
  return Object.entries(run.processes).filter(([, pid]) => commandOf(pid).includes(root));
}
