// What this process knows of the log: the newest state, and the entries that led to it. Brings back what the store loses.
import type { Logger } from '@sluice/observe';
import type { VersionLog } from '@sluice/store';
import type { Entry, State } from '@sluice/version';

/** Entries remembered to be written again: a failover loses the writes of some seconds. */
const REMEMBERED_ENTRIES = 256;

/** Of those that others appended so many are read: a failover loses the newest, and few of them. */
const LEARNT_ENTRIES = 32;

/** Resources in the remembered entries together, so that a few huge publishes do not double this process's memory. */
const REMEMBERED_RESOURCES = 20_000;

export class KnownLog {
  readonly #log: VersionLog;
  readonly #logger: Logger;
  #state: State | null = null;
  #recent: Entry[] = [];
  #busy: Promise<unknown> = Promise.resolve();

  constructor(log: VersionLog, logger: Logger) {
    this.#log = log;
    this.#logger = logger;
  }

  /** The state at the head of the log, which is made whole first where the store lost what we know. Rejects while away. */
  current(): Promise<State> {
    return this.#alone(() => this.#current());
  }

  /** Adds an entry made on the current state; false if another came first. */
  append(entry: Entry, after: State): Promise<boolean> {
    return this.#alone(async () => {
      const appended = await this.#log.append(entry, this.#state ?? undefined);
      if (appended.ok) this.#know(after, entry);
      return appended.ok;
    });
  }

  /** One at a time: both of the above read the state and then write it. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#busy.then(work);
    this.#busy = result.catch(() => {});
    return result;
  }

  async #current(): Promise<State> {
    const known = this.#state;
    // Another one that brings the same back may be half way: then what is left of it is brought back.
    for (let tries = 0; known !== null && tries < REMEMBERED_ENTRIES; tries++) {
      const { version, digest } = await this.#log.head();
      if (version >= known.version || !(await this.#bringBack(known, version, digest))) break;
    }
    const state = await this.#log.catchUp(this.#state);
    if (state !== known) await this.#learn(known, state);
    return state;
  }

  /** False where there is nothing that could be brought back on this head. */
  async #bringBack(known: State, version: number, digest: string): Promise<boolean> {
    const first = this.#recent.findIndex((entry) => entry.version === version + 1 && entry.previous === digest);
    if (first >= 0) {
      await this.#appendAgain(this.#recent.slice(first));
      return true;
    }
    if (version > 0) return false;
    if (await this.#log.restore(known)) {
      const event = { event: 'log-restored', version: known.version };
      this.#logger.warn(event, 'the store was empty: the state was put back');
    }
    return true;
  }

  async #appendAgain(entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) {
      const appended = await this.#log.append(entry);
      if (!appended.ok) return;
      const event = { event: 'entry-restored', version: entry.version };
      this.#logger.warn(event, 'the store had lost this version: it was put back');
    }
  }

  /** Entries that others appended, or that were there before this process, are remembered like our own. */
  async #learn(known: State | null, state: State): Promise<void> {
    if (known !== null && state.version <= known.version) {
      this.#logger.error(
        {
          event: 'versions-lost',
          known: known.version,
          knownDigest: known.digest,
          version: state.version,
          digest: state.digest,
        },
        'the store has another past than this process knew: its own counts',
      );
    }
    const after = Math.max(known?.version ?? 0, state.version - LEARNT_ENTRIES);
    const entries = state.version === 0 ? [] : await this.#log.entries(after, LEARNT_ENTRIES).catch(() => []);
    const leads = entries.at(-1)?.digest === state.digest && entries.at(-1)?.version === state.version;
    const continues = leads && known !== null && entries[0]?.previous === known.digest;
    this.#recent = [...(continues ? this.#recent : []), ...(leads ? entries : [])];
    this.#state = state;
    this.#forget();
  }

  #know(state: State, entry: Entry): void {
    this.#state = state;
    this.#recent.push(entry);
    this.#forget();
  }

  #forget(): void {
    let resources = this.#recent.reduce((sum, { change }) => sum + change.put.length, 0);
    while (this.#recent.length > REMEMBERED_ENTRIES || (resources > REMEMBERED_RESOURCES && this.#recent.length > 1)) {
      resources -= this.#recent.shift()!.change.put.length;
    }
  }
}
