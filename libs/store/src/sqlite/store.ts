// A store for one machine: one file, any number of processes, no server. Admission runs in the publisher's process.
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Admission, judgeFor, labelSetsOf, type Proposal, type SigningKey, type State } from '@sluice/version';
import { decide } from '../desk.ts';
import { DEFAULT_CHECKPOINT_EVERY, DEFAULT_REPLAY_ENTRIES, DEFAULT_RETAIN_VERSIONS } from '../log-settings.ts';
import type { Admissions, Opened, OpenOptions, Store, StoreHealth } from '../store.ts';
import { isStoreFault, storeFault } from '../store-fault.ts';
import { createLog } from '../versioned-log.ts';
import { SqliteFile } from './file.ts';
import { sqliteLog } from './log.ts';
import { sqliteReports } from './reports.ts';

/** `sqlite:PATH`, from the working directory where it is relative. */
export async function openSqliteStore(url: string, options: OpenOptions): Promise<Opened> {
  const path = url.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '');
  if (path === '') return { ok: false, fault: storeFault('bad-url', 'sqlite: is without a path') };
  const store = new SqliteStore(resolve(path), options);
  if (options.role !== 'publisher') return { ok: true, value: store };
  try {
    await store.log.head();
    return { ok: true, value: store };
  } catch (error) {
    await store.close();
    if (isStoreFault(error)) return { ok: false, fault: error };
    throw error;
  }
}

class SqliteStore implements Store {
  readonly name: string;
  readonly log: Store['log'];
  readonly reports: Store['reports'];
  readonly admissions: Admissions;
  readonly #signer: SigningKey | null;
  /** The publisher writes a checkpoint when so many versions have passed since the newest. */
  readonly #checkpointEvery: number;
  readonly #files: readonly [SqliteFile, SqliteFile];
  /** The state that the last decision of this process was made on. */
  #state: State | null = null;

  constructor(path: string, options: OpenOptions) {
    this.name = `sqlite:${path}`;
    const { retainVersions = DEFAULT_RETAIN_VERSIONS, replayEntries = DEFAULT_REPLAY_ENTRIES } = options;
    const { mustExist = false } = options;
    this.#files = [new SqliteFile(path, 'FULL', mustExist), new SqliteFile(path, 'NORMAL', mustExist)];
    this.log = createLog(sqliteLog(this.#files[0]), {
      retainVersions,
      replayEntries,
      follow: options.follow ?? {},
      trusted: options.trusted,
    });
    this.#signer = options.signer ?? null;
    this.#checkpointEvery = options.checkpointEvery ?? DEFAULT_CHECKPOINT_EVERY;
    this.reports = sqliteReports(this.#files[1]);
    this.admissions = {
      submit: (proposal) => this.#submit(proposal),
      serve: async () => ({ close: async () => {} }),
    };
  }

  async health(): Promise<StoreHealth> {
    await this.log.head();
    return { fault: null, warning: null, usedBytes: statSync(this.#files[0].path).size, limitBytes: null };
  }

  async close(): Promise<void> {
    for (const file of this.#files) file.close();
  }

  async #submit(proposal: Proposal): Promise<Admission> {
    const judge = judgeFor(labelSetsOf(await this.reports.list()));
    const { admission, state } = await decide(
      {
        current: async () => {
          this.#state = await this.log.catchUp(this.#state);
          return this.#state;
        },
        append: async (entry) => (await this.log.append(entry, this.#state ?? undefined)).ok,
        stateAt: (version) => this.log.stateAt(version),
        judge: () => judge,
        reports: () => this.reports.list(),
        now: Date.now,
        signer: this.#signer,
      },
      proposal,
    );
    if (state !== null && state.version - (await this.log.newestCheckpoint()) >= this.#checkpointEvery) {
      await this.log.writeCheckpoint(state);
    }
    return admission;
  }
}
