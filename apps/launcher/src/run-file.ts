// `.sluice/run.json`: what runs from this checkout, so that `scripts/admin` finds the store, and a second start finds the
// first. Left behind only by a launcher that was killed; then the processes it names are ended by the next one.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandOf, folderOf } from './port-owner.ts';

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

/** Writes it where there is none; false where another start was quicker. */
export function claimRunFile(folder: string, run: RunFile): boolean {
  try {
    writeFileSync(join(folder, name), textOf(run), { flag: 'wx' });
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw cause;
  }
}

export function writeRunFile(folder: string, run: RunFile): void {
  const aside = join(folder, `${name}.tmp`);
  writeFileSync(aside, textOf(run));
  renameSync(aside, join(folder, name));
}

function textOf(run: RunFile): string {
  return `${JSON.stringify(run, null, 2)}\n`;
}

export function removeRunFile(folder: string): void {
  rmSync(join(folder, name), { force: true });
}

/** Whether a launcher still runs; a number that another program has by now does not count. */
export function isRunning(run: RunFile): boolean {
  return commandOf(run.pid).includes('apps/launcher/src/main.ts');
}

/** How long a process may take to be gone after SIGKILL. */
const goneMs = 5_000;
const lookMs = 10;

/**
 * What a killed launcher left running from this checkout is ended: it belongs to nobody, and two processes must not write
 * one store's files. Resolves when all of it is gone.
 */
export async function endLeftovers(folder: string, root: string, say: (text: string) => void): Promise<void> {
  const run = readRunFile(folder);
  if (run === null || isRunning(run)) return;
  for (const [name, pid] of Object.entries(run.processes)) {
    if (!isOurs(pid, folder, root)) continue;
    say(`ending ${name} (process ${pid}), left behind by a run that was killed`);
    process.kill(pid, 'SIGKILL');
    const late = performance.now() + goneMs;
    while (isOurs(pid, folder, root) && performance.now() < late)
      await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
  removeRunFile(folder);
}

/** A number that another program has by now does not count. A redis-server shows other words than it was started with. */
function isOurs(pid: number, folder: string, root: string): boolean {
  return commandOf(pid).includes(join(root, 'apps/')) || folderOf(pid) === join(folder, 'redis');
}
