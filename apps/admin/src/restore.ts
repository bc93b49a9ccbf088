// `admin restore`: makes the state that an acceptor keeps the head of a store that lost everything. Writes the log itself.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type ReceivedReport, readKeptState, STATE_FILE_NAME, type Store } from '@sluice/store';
import { LOST_AFTER_MS, type State } from '@sluice/version';
import { EXIT, type ExitStatus } from './exit.ts';
import { fail, wrongUsage } from './failure.ts';
import { print, printJson } from './output.ts';
import { type StoreOptions, withStore } from './with-store.ts';

interface RestoreOptions extends StoreOptions {
  /** An older state than acceptors serve will do. */
  readonly yes?: boolean;
}

/** `path`: an acceptor's SLUICE_STATE_DIR, or the state file in it. */
export async function restore(path: string, options: RestoreOptions): Promise<ExitStatus> {
  const read = await readKeptState(await stateFileOf(path));
  if (!read.ok) return wrongUsage(`no state to restore: ${read.message}`, options);
  const { state, left } = read;
  if (left !== undefined) return wrongUsage(`${path}: ${left}; take the state of another acceptor`, options);
  if (state.version === 0) return wrongUsage(`${path} holds no version: there is nothing to restore`, options);
  return withStore({ ...options, creates: true }, (store) => putBack(store, state, options));
}

async function putBack(store: Store, state: State, { json = false, yes = false }: RestoreOptions): Promise<ExitStatus> {
  const head = await store.log.head();
  if (head.version > 0) return fail(EXIT.failed, 'not-empty', notEmpty(store, head.version), json);
  const newer = (await store.reports.list()).find((report) => isLive(report) && report.version > state.version);
  if (newer !== undefined && !yes) {
    const message = `acceptor ${newer.id} serves version ${newer.version}, which is newer than ${state.version}: restore from its SLUICE_STATE_DIR, or say --yes to bring it back to version ${state.version}; nothing was changed`;
    return fail(EXIT.failed, 'older', message, json);
  }
  if (!(await store.log.restore(state))) {
    const { version } = await store.log.head();
    return fail(EXIT.failed, 'not-empty', notEmpty(store, version), json);
  }
  const { version, digest, size } = state;
  if (json) printJson({ ok: true, version, digest, resources: size });
  else print(`version ${version} is the head of ${store.name} again: ${size} resources, digest ${digest}`);
  return EXIT.done;
}

function notEmpty({ name }: Store, version: number): string {
  return `${name} has version ${version}: only a store that lost everything is restored; nothing was changed`;
}

function isLive({ ageMs, state }: ReceivedReport): boolean {
  return ageMs <= LOST_AFTER_MS && state !== 'stopped';
}

async function stateFileOf(path: string): Promise<string> {
  const isFolder = await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  return isFolder ? join(path, STATE_FILE_NAME) : path;
}
