// The config service: admits changes to the log, one at a time. Configured by its environment alone; any number may run.
import { setTimeout as delay } from 'node:timers/promises';
import { createLogger } from '@sluice/observe';
import { isStoreFault, openStore, RolloutDriver, STORE_FAULTS, type Store, type StoreFault } from '@sluice/store';
import type { State } from '@sluice/version';
import { admissionDesk } from './desk.ts';
import { Keeper } from './keeper.ts';
import { readKeys } from './keys.ts';
import { KnownLog } from './known-log.ts';
import { serveQueue } from './queue.ts';
import { Rollouts } from './rollouts.ts';
import { type FaultPoint, readSettings } from './settings.ts';

/** How often a store that is away at the start is tried. */
const RETRY_MS = 500;

const read = readSettings(process.env);
if (!read.ok) {
  for (const complaint of read.complaints) process.stderr.write(`${complaint}\n`);
  process.exit(2);
}
const settings = read.value;
const logger = createLogger({ component: 'config-service', level: settings.logLevel, fields: { pid: process.pid } });
const keys = readKeys(settings);
if (!keys.ok) {
  process.stderr.write(`${keys.complaints.join('\n')}\n`);
  process.exit(2);
}
const { signer, trusted, publishers } = keys.value;
const { retainVersions, checkpointEvery, replayEntries } = settings;
const trust = trusted === null ? {} : { trusted };
const opened = await openStore(settings.store, {
  role: 'config-service',
  logger,
  retainVersions,
  replayEntries,
  ...trust,
});
if (!opened.ok) giveUp(opened.fault, 2);
const store = opened.value;

const ending = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => ending.abort(signal));

await untilHealthy(store);
const known = new KnownLog(store.log, logger);
const reached = (point: FaultPoint) => {
  if (point === settings.faultAt) process.kill(process.pid, 'SIGKILL');
};
const now = Date.now;
const common = { store, known, logger, signer, now, judge: () => keeper.judge() };
const admitted = (state: State) => keeper.checkpoint(state);
const desk = admissionDesk({ ...common, publishers, reached, admitted });
// What the config service itself wants needs no publisher's signature.
const deskFor = (move: 'promote' | 'abort') =>
  admissionDesk({ ...common, publishers: null, admitted, reached: (step) => reached(`${move}-${step}`) });
const moves = { promote: deskFor('promote'), abort: deskFor('abort') };
const driver = new RolloutDriver({
  ...{ now, author: 'config-service', clock: () => performance.now(), current: () => known.current() },
  reports: store.reports,
  propose: (proposal) => moves[proposal.wish.type === 'abort' ? 'abort' : 'promote'](proposal),
});
const rollouts = new Rollouts(driver, logger);
const keeper = new Keeper(store, known, logger, { checkpointEvery, signer, trusted });
if (!ending.signal.aborted) {
  keeper.start();
  rollouts.start();
  const queue = { store: settings.store, logLevel: settings.logLevel };
  const serving = await serveQueue(queue, desk, ending.signal, (error) => {
    logger.fatal({ event: 'queue-lost', err: error }, 'ended for another to take over');
    process.exit(1);
  }).catch((error) => (isStoreFault(error) ? giveUp(error, 1) : Promise.reject(error)));
  if (serving !== null) {
    const head = await store.log.head().catch(() => ({ version: null }));
    logger.info({ event: 'serving', store: store.name, version: head.version });
  }
  if (!ending.signal.aborted) await new Promise((resolve) => ending.signal.addEventListener('abort', resolve));
  logger.info({ event: 'ending', reason: ending.signal.reason });
  await serving?.close();
  await rollouts.close();
  await keeper.close();
}
await store.close();
process.exit(0);

/** Waits for the store, and refuses one that would lose versions by its settings. */
async function untilHealthy(store: Store): Promise<void> {
  for (let told = false; !ending.signal.aborted; ) {
    try {
      const health = await store.health();
      if (health.fault !== null) giveUp(health.fault, 1);
      if (health.warning !== null) logger.warn({ event: 'store-warning', store: store.name }, health.warning);
      return;
    } catch (error) {
      if (!isStoreFault(error) || error.code === 'closed') throw error;
      if (error.code !== 'away') giveUp(error, 1);
      if (!told) logger.warn({ event: 'store-away', reason: error.message }, 'waiting for the store');
      told = true;
    }
    await delay(RETRY_MS, undefined, { signal: ending.signal }).catch(() => {});
  }
}

function giveUp(fault: StoreFault, status: number): never {
  const { code, message } = fault;
  logger.fatal({ event: 'store-refused', code, solve: STORE_FAULTS[code] }, message);
  process.exit(status);
}
