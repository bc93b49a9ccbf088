// The acceptor's config thread: follows the log, compiles each version and keeps the last good one on disk. It holds the
// state and does the long work, so that the thread that accepts connections does neither.
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { createLogger } from '@sluice/observe';
import { openStore, readTrustedKeys, STATE_FILE_NAME, StateJournal, type Store } from '@sluice/store';
import { openLive } from '@sluice/upstream';
import { distrustOfState, type State, stateFor } from '@sluice/version';
import type { ConfigTask, FromConfig, ToConfig } from './messages.ts';
import { type Quarantined, readQuarantine, writeQuarantine } from './quarantine-file.ts';
import { stateBefore } from './state-before.ts';
import { TableMaker } from './table-maker.ts';
import { giveWay } from './thread-priority.ts';
import { TlsLists } from './tls-list.ts';

const task = workerData as ConfigTask;
const log = createLogger({
  component: 'acceptor',
  level: task.logLevel,
  fields: { acceptor: task.acceptorId, thread: 'config' },
});
/** Checked by the main thread at start (settings.ts). */
const keys = task.trustedKeys === '' ? null : readTrustedKeys(task.trustedKeys);
const trusted = keys?.ok ? keys.value : undefined;
const stateFile = join(task.stateDir, STATE_FILE_NAME);
const journal = new StateJournal(stateFile);
const quarantineFile = join(task.stateDir, 'quarantine.json');
const tables = new TableMaker(task.labels, openLive(task.live), task.held);
const tlsLists = new TlsLists();
const following = new AbortController();

/** How often certificates in files are looked at. Renewing tools write them days before the old ones end. */
const filesMs = 10_000;

/** A disk that was full or could not be written is tried again. */
const keepAgainMs = 2_000;

/** What the log says this acceptor is to serve, as it was understood last. */
let asked: State | null = null;
/** The newest version to be compiled; older ones that nobody took yet are passed over. */
let wanted: { readonly state: State; readonly source: 'store' | 'disk'; readonly insteadOf?: Quarantined } | null =
  null;
/** Offered to the main thread, which has not answered yet. */
let offered: State | null = null;
let lastGood: State | null = null;
let goodBefore: State | null = null;
let store: Store | null = null;

const post = (message: FromConfig) => parentPort?.postMessage(message);

/** Takes what the log says now: the newest version, or the one before for as long as a roll-out has not come to us. */
function want(state: State, source: 'store' | 'disk'): void {
  const own = stateFor(task.acceptorId, state);
  if (own !== state) log.info({ event: 'held-back', version: state.version, serving: own.version });
  if (asked?.version === own.version && asked.digest === own.digest) return;
  asked = own;
  wanted = { state: own, source };
  if (offered === null) offer();
}

function offer(): void {
  if (wanted === null) return;
  const { state, source, insteadOf } = wanted;
  wanted = null;
  try {
    const startMs = performance.now();
    const { table, slots, idle, edited } = tables.make(state);
    const tls = tlsLists.make(tables.tls());
    const compiled = { version: state.version, digest: state.digest, table, slots, tls };
    offered = state;
    log.debug({ event: 'compiled', version: state.version, edited, ms: performance.now() - startMs });
    post({
      type: 'compiled',
      compiled,
      source,
      dropped: state.last?.dropped ?? {},
      idle: idle.map(({ gateway, port, code, reason }) => ({ gateway, port, code, reason })),
      admittedMs: source === 'store' && insteadOf === undefined ? (state.last?.timeMs ?? 0) : 0,
      ...(insteadOf === undefined ? {} : { insteadOf }),
    });
  } catch (cause) {
    post({ type: 'uncompiled', version: state.version, error: (cause as Error).message });
  }
}

/** Looks in the log for what came before a version that crashes workers here; something newer that comes meanwhile goes first. */
async function findBefore(bad: Quarantined, quarantined: readonly Quarantined[]): Promise<void> {
  const condemned = new Set([bad, ...quarantined].map(({ digest }) => digest));
  try {
    const state =
      store && (await stateBefore(store.log, bad.version, task.acceptorId, ({ digest }) => !condemned.has(digest)));
    if (!state) return log.error({ event: 'nothing-before', version: bad.version }, 'no version is kept to go back to');
    if (wanted !== null || asked === null || asked.version > bad.version) return;
    wanted = { state, source: 'store', insteadOf: bad };
    if (offered === null) offer();
  } catch (cause) {
    log.error({ event: 'nothing-before', version: bad.version, reason: (cause as Error).message });
  }
}

/** Its version and why, where the newest state could not be written; tried again until it can. */
let notKept: string | null = null;

/** Told once. */
let isShared = false;

const SHARED =
  'another process writes the same SLUICE_STATE_DIR: give each acceptor a folder of its own, or a start while the store is away may find an older version';

const NOT_KEPT =
  "the version is served, but a start while the store is away would find an older one: free space, or correct the folder's permissions";

async function keep(state: State): Promise<void> {
  try {
    if ((await journal.keep(state)) === 'shared' && !isShared) {
      isShared = true;
      log.warn({ event: 'state-shared', folder: task.stateDir }, SHARED);
    }
    if (notKept !== null) log.info({ event: 'state-kept', version: state.version });
    notKept = null;
  } catch (cause) {
    const complaint = `${state.version} ${(cause as Error).message}`;
    if (complaint !== notKept)
      log.warn({ event: 'state-not-kept', version: state.version, folder: task.stateDir, err: cause }, NOT_KEPT);
    notKept = complaint;
  }
}

/**
 * A certificate that changed in its file is the version in force once more, with another certificate; or, where a version was
 * refused, another try of that one.
 */
function lookAtFiles(): void {
  if (offered !== null || wanted !== null) return;
  const changed = tlsLists.changed();
  const state = changed === 'refused' ? asked : changed === 'in-force' ? lastGood : null;
  if (state === null) return;
  log.info({ event: 'certificates-changed', version: state.version });
  wanted = { state, source: changed === 'refused' ? 'store' : 'disk' };
  offer();
}

/** One write at a time, and always of the newest. */
let keeping: Promise<void> = Promise.resolve();
function keepLastGood(): void {
  const state = lastGood;
  keeping = keeping.then(() => (state !== null && state === lastGood ? keep(state) : undefined));
}

async function keepQuarantine(quarantined: readonly Quarantined[]): Promise<void> {
  await writeQuarantine(quarantineFile, quarantined).catch((cause) => {
    log.warn({ event: 'quarantine-not-kept', file: quarantineFile, err: cause });
  });
}

function took(version: number, committed: boolean): void {
  if (committed && offered?.version === version) {
    if (lastGood?.digest !== offered.digest) goodBefore = lastGood;
    lastGood = offered;
    tlsLists.committed();
    keepLastGood();
  }
  offered = null;
  offer();
}

async function close(report: Extract<ToConfig, { type: 'close' }>['report']): Promise<void> {
  following.abort();
  await store?.reports.put(report).catch(() => {});
  await store?.close();
  await keeping;
  await journal.close();
  process.exit(0);
}

parentPort?.on('message', (message: ToConfig) => {
  switch (message.type) {
    case 'took':
      return took(message.version, message.committed);
    case 'took-back':
      lastGood = goodBefore;
      keepLastGood();
      // After it: a crash in between leaves a good state to start with, and the bad one is found out once more.
      keeping = keeping.then(() => keepQuarantine(message.quarantined));
      return;
    case 'find-before':
      return void findBefore(message.bad, message.quarantined);
    case 'condemned':
      keeping = keeping.then(() => keepQuarantine(message.quarantined));
      return;
    case 'report':
      // A report that is lost is followed by another within a second.
      return void store?.reports.put(message.report).catch(() => {});
    case 'close':
      return void close(message.report);
  }
});

async function loadQuarantine(): Promise<Quarantined[]> {
  try {
    return await readQuarantine(quarantineFile);
  } catch (cause) {
    log.error({ event: 'quarantine-refused', file: quarantineFile, reason: (cause as Error).message });
    return [];
  }
}

/** The state on disk, where there is one, it is whole, signed by whom this acceptor trusts, and not quarantined. */
async function loadLastGood(quarantined: readonly Quarantined[]): Promise<State | null> {
  const read = await journal.load();
  if (!read.ok && read.reason === 'none') return null;
  const distrust = read.ok ? faultOf(read.state, quarantined) : read.message;
  if (read.ok && read.left !== undefined)
    log.warn({ event: 'state-behind', file: stateFile, version: read.state.version, reason: read.left });
  if (read.ok && distrust === undefined) {
    log.info({ event: 'state-loaded', version: read.state.version, digest: read.state.digest });
    return read.state;
  }
  log.error({ event: 'state-refused', file: stateFile, reason: distrust }, 'the state on disk is not served');
  return null;
}

function faultOf(state: State, quarantined: readonly Quarantined[]): string | undefined {
  const isBad = quarantined.some(({ digest }) => digest === state.digest);
  if (isBad) return `version ${state.version} is quarantined here: it crashed workers`;
  return trusted === undefined ? undefined : distrustOfState(state, trusted);
}

setInterval(lookAtFiles, filesMs).unref();
setInterval(() => {
  if (notKept !== null) keepLastGood();
}, keepAgainMs).unref();
const quarantined = await loadQuarantine();
// After the first file was read: libuv's threads, which resolve names for the workers too, take after who starts them.
giveWay();
post({ type: 'quarantined', quarantined });
const loaded = await loadLastGood(quarantined);
if (loaded !== null) want(loaded, 'disk');
const opened = await openStore(task.store, { role: 'acceptor', logger: log, trusted });
if (!opened.ok) throw opened.fault;
const { log: versions } = (store = opened.value);
for await (const event of versions.follow(loaded, following.signal)) {
  if (event.type === 'away') {
    log.warn({ event: 'store-away', code: event.fault.code, reason: event.fault.message });
    post({ type: 'away', code: event.fault.code, message: event.fault.message });
  } else if (event.type === 'back') {
    log.info({ event: 'store-back' });
    post({ type: 'back' });
  } else {
    if (event.type === 'entry') journal.followed(event.entry);
    want(event.state, 'store');
  }
}
