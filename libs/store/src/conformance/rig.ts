// What a store brings to be held to the conformance suite, and what the suite's parts share. Imported by tests only.
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Resource } from '@sluice/resource';
import { type Admission, admit, EMPTY_STATE, type Entry, type Proposal, type State, type Wish } from '@sluice/version';
import * as assert from 'uvu/assert';
import type { FollowEvent } from '../follow-event.ts';
import type { OpenOptions, Store, StoreRole } from '../store.ts';
import { isStoreFault } from '../store-fault.ts';

export interface StoreRig {
  /** Empties the store behind everybody's back. */
  wipe(): Promise<void>;
  /** Opens it as a process would; closed by the rig after each test. */
  open(role: StoreRole, options?: Partial<OpenOptions>): Promise<Store>;
  /** Spoils the stored bytes of an entry, or of a checkpoint. */
  damage(what: 'entry' | 'checkpoint', version: number): Promise<void>;
  /** Puts an entry above the head, past every check. */
  smuggle(entry: Entry): Promise<void>;
  /** Takes the newest version away again, as a failover does that lost it. */
  lose(version: number, head: { readonly version: number; readonly digest: string }): Promise<void>;
  /** Makes an acceptor's report so many milliseconds older, or newer than now, as setting the clock does that dates them. */
  age(id: string, ms: number): Promise<void>;
  /** Stops the store and starts it again with what it had; undefined for one that cannot be away. */
  readonly outage?: { stop(): Promise<void>; start(): Promise<void> };
  closeAll(): Promise<void>;
}

/** Fast enough for tests that wait for the grace time. */
export const QUICK = { behindGraceMs: 200, waitMs: 50, minPauseMs: 10, maxPauseMs: 50 };

export function workload(name: string, address = '10.0.0.1'): Resource {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'WorkloadEntry',
    metadata: { name, namespace: 'default', labels: {}, annotations: {} },
    spec: { address },
  };
}

let submissions = 0;

export function proposal(put: readonly Resource[], more: Partial<Proposal> = {}): Proposal {
  const wish: Wish = { type: 'change', put, delete: [], set: '', prune: false };
  return {
    submission: `test-${process.pid}-${++submissions}`,
    wish,
    author: 'ann',
    message: 'm',
    expectVersion: null,
    timeMs: 1_000,
    ...more,
  };
}

/** The entry that a proposal becomes on a state, with the state after it. */
export function entryOn(state: State, each: Proposal): { entry: Entry; state: State } {
  const { next, admission } = admit(state, each, { timeMs: 1_000, judge: () => [], target: null });
  if (next === null) throw new Error(`not admitted: ${JSON.stringify(admission)}`);
  return next;
}

/** Appends so many versions, each of one resource of its own. */
export async function appendMany(store: Store, from: State, count: number): Promise<State> {
  let state = from;
  for (let i = 0; i < count; i++) {
    const next = entryOn(state, proposal([workload(`w${state.version + 1}`)]));
    assert.equal(await store.log.append(next.entry), { ok: true });
    state = next.state;
  }
  return state;
}

/** A desk over the log, as a config service's is. */
export function deskOn(store: Store, told: (admission: Admission) => void = () => {}) {
  let state: State = EMPTY_STATE;
  return async (each: Proposal): Promise<Admission> => {
    for (;;) {
      state = await store.log.catchUp(state);
      const { next, admission } = admit(state, each, { timeMs: 1_000, judge: () => [], target: null });
      if (next !== null && !(await store.log.append(next.entry)).ok) continue;
      told(admission);
      return admission;
    }
  };
}

/** Follows in the background and keeps what it is told. */
export class Listener {
  readonly events: FollowEvent[] = [];
  readonly #ending = new AbortController();
  readonly #done: Promise<void>;
  #wake = new AbortController();

  constructor(store: Store, from: State | null) {
    this.#done = this.#listen(store, from);
  }

  async #listen(store: Store, from: State | null): Promise<void> {
    for await (const event of store.log.follow(from, this.#ending.signal)) {
      this.events.push(event);
      this.#wake.abort();
      this.#wake = new AbortController();
    }
  }

  /** The newest state told of. */
  get state(): State | undefined {
    const told = this.events.findLast((event) => event.type === 'state' || event.type === 'entry');
    return told !== undefined && 'state' in told ? told.state : undefined;
  }

  types(): string[] {
    return this.events.map((event) => event.type);
  }

  async until(fits: () => boolean): Promise<void> {
    const late = performance.now() + 20_000;
    while (!fits()) {
      if (performance.now() > late) throw new Error(`not told within 20 s; so far: ${this.types().join(' ')}`);
      await Promise.race([once(this.#wake.signal, 'abort'), delay(100)]);
    }
  }

  async end(): Promise<void> {
    this.#ending.abort();
    await this.#done;
  }
}

/** The fault that some work ends with; a failure if it does not. */
export async function faultOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    return isStoreFault(error) ? error.code : String(error);
  }
  return 'none';
}
