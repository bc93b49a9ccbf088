// `admin status`: every acceptor with its versions, and what it has to say.
import { setTimeout as delay } from 'node:timers/promises';
import { isStoreFault, type ReceivedReport, type Store, type StoreFaultCode } from '@sluice/store';
import { LOST_AFTER_MS } from '@sluice/version';
import { EXIT, type ExitStatus } from './exit.ts';
import { clearScreen, print, printJson } from './output.ts';
import { percentile } from './percentile.ts';
import { type Standing, standingJson, standingOf, standingText } from './rollout-standing.ts';
import { storeUseJson, storeUseText } from './store-use.ts';
import { tableText } from './table.ts';
import { type StoreOptions, withStore } from './with-store.ts';

const WATCH_MS = 1_000;

/** What a store of one file may say while it is replaced, too. */
const PASSING: ReadonlySet<StoreFaultCode> = new Set<StoreFaultCode>(['away', 'no-file']);

export function status(options: StoreOptions & { readonly watch?: boolean }): Promise<ExitStatus> {
  return withStore(options, (store) => (options.watch === true ? watch(store, options) : show(store, options)));
}

async function show(store: Store, { json = false }: StoreOptions, clear = () => {}): Promise<ExitStatus> {
  const [{ version: head }, reports, health] = await Promise.all([
    store.log.head(),
    store.reports.list(),
    store.health(),
  ]);
  // A damaged entry must not hide who serves what.
  const standing = await standingOf(store, head).catch(damageOf);
  if (json) {
    const isDamaged = typeof standing === 'string';
    const [rollout, use] = [isDamaged ? null : standingJson(standing, reports), storeUseJson(health)];
    printJson({ ...statusJson(head, reports), rollout, store: use, damage: isDamaged ? standing : null });
  } else {
    clear();
    print(statusText(store, head, reports, standing, storeUseText(health)));
  }
  return EXIT.done;
}

/** What is damaged; rejects with all else that is wrong. */
function damageOf(error: unknown): string {
  if (!isStoreFault(error) || error.code !== 'damaged') throw error;
  return error.message;
}

/** Until it is interrupted: a store that is away is told, and shown again when it is back. */
async function watch(store: Store, options: StoreOptions): Promise<ExitStatus> {
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort());
  while (!ending.signal.aborted) {
    try {
      await show(store, options, clearScreen);
    } catch (error) {
      if (!isStoreFault(error) || !PASSING.has(error.code)) throw error;
      if (options.json === true) printJson({ ok: false, reason: error.code, message: error.message });
      else {
        clearScreen();
        print(`the store: ${error.message}`);
      }
    }
    await delay(WATCH_MS, undefined, { signal: ending.signal }).catch(() => {});
  }
  return EXIT.done;
}

function stateOf({ ageMs, state }: ReceivedReport): string {
  return ageMs > LOST_AFTER_MS && state !== 'stopped' ? 'lost' : state;
}

function statusJson(head: number, reports: readonly ReceivedReport[]): object {
  return {
    head,
    acceptors: reports.map((report) => {
      const { id, version, workers, error, digest, labels, refused, quarantined, idle, ageMs } = report;
      const shown = workers.map((worker) => ({ id: worker.id, version: worker.version, sessions: worker.sessions }));
      const [p50, p99] = [percentile(report.commitMs, 0.5), percentile(report.commitMs, 0.99)];
      return {
        ...{ id, version, state: stateOf(report), workers: shown, error },
        ...{ refused, quarantined, digest, labels, idle, sessionsByVersion: sessionsByVersion(report), ageMs },
        commitMs: { p50, p99 },
      };
    }),
  };
}

function statusText(
  store: Store,
  head: number,
  reports: readonly ReceivedReport[],
  standing: Standing | string | null,
  use: readonly string[],
): string {
  const lines = [`head: version ${head} in ${store.name}`, ...use];
  if (reports.length === 0) lines.push('no acceptor reports to this store');
  const rows = reports.map((report) => {
    const { id, version, workers, commitMs } = report;
    const there = workers.filter((worker) => worker.version === version).length;
    const sessions = Object.entries(sessionsByVersion(report)).map(([each, count]) => `${count} on ${each}`);
    const state = stateOf(report);
    const since = state === 'lost' ? `lost for ${Math.round(report.ageMs / 1000)} s` : state;
    const commit = commitMs.length === 0 ? '-' : `${percentile(commitMs, 0.5)}/${percentile(commitMs, 0.99)}`;
    return [id, since, version, `${there} of ${workers.length}`, sessions.join(', ') || '0', commit];
  });
  if (reports.length > 0)
    lines.push(tableText(['ACCEPTOR', 'STATE', 'VERSION', 'WORKERS', 'SESSIONS', 'COMMIT MS P50/P99'], rows));
  for (const { id, error, refused, quarantined, idle } of reports) {
    if (error !== null) lines.push(`${id}: ${refused === null ? '' : `refused version ${refused}: `}${error}`);
    if (quarantined.length > 0) lines.push(`${id}: quarantined ${quarantined.join(', ')}`);
    for (const { gateway, port, code, reason } of idle)
      lines.push(`${id}: no listener for ${gateway} port ${port}: ${code} ${reason}`);
  }
  lines.push(...lossText(head, reports));
  if (typeof standing === 'string') lines.push(`the newest version is damaged in the store: ${standing}`);
  else if (standing !== null) lines.push(standingText(standing, reports));
  return lines.join('\n');
}

/** Acceptors that serve what the store does not have (any more) are `stale`, and this is why. */
function lossText(head: number, reports: readonly ReceivedReport[]): readonly string[] {
  const ahead = reports.filter((report) => report.version > head && stateOf(report) === 'stale');
  if (ahead.length === 0) return [];
  const newest = Math.max(...ahead.map(({ version }) => version));
  const who = ahead.map(({ id }) => id).join(', ');
  if (head > 0) return [`the store lost its newest versions: ${who} still at up to version ${newest}`];
  return [
    `the store has no version, and ${who} up to version ${newest}: it lost its log. Nothing is admitted until it is put back (admin restore STATE_DIR)`,
  ];
}

function sessionsByVersion({ figures }: ReceivedReport): Record<string, number> {
  return Object.fromEntries(figures.filter(({ open }) => open > 0).map(({ version, open }) => [version, open]));
}
