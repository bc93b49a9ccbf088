// The edge ports: which listeners are open, and how one version takes over from another. New listeners are bound first;
// only when all are, and every worker holds the version, is it switched; then listeners without a place in it are closed.
import type { AcceptingEngine, Listening } from '@sluice/engine';
import type { Logger } from '@sluice/observe';
import { listenerBind, listenerCount, listenerName, listenerPort } from '@sluice/route-table';
import type { CompiledVersion, Prepare } from './messages.ts';
import type { Pool } from './pool.ts';

export interface OpenListener {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

export type Taken = { readonly ok: true } | { readonly ok: false; readonly error: string };

export interface EdgeOptions {
  readonly accepting: AcceptingEngine;
  readonly pool: Pool;
  readonly bind: string;
  readonly backlog: number;
  readonly reusePort: boolean;
  readonly log: Logger;
}

/** Listener numbers kept out of use before the oldest is given again. */
const numbersRested = 64;

/** A listener of a version with the address it is opened on. */
interface Wanted extends OpenListener {
  readonly key: string;
  readonly index: number;
}

interface Held extends OpenListener {
  readonly listening: Listening;
}

export class Edge {
  readonly #options: EdgeOptions;
  readonly #held = new Map<string, Held>();
  readonly #freeNumbers: number[] = [];
  #nextNumber = 0;
  #coming: Prepare | null = null;
  #inForce: Prepare | null = null;
  #before: Prepare | null = null;
  #lastTurn = 0;

  constructor(options: EdgeOptions) {
    this.#options = options;
  }

  get inForce(): CompiledVersion | null {
    return this.#inForce?.compiled ?? null;
  }

  /** What is about to be in force, is it, or may be gone back to, the newest first. */
  held(): CompiledVersion[] {
    return [this.#coming, this.#inForce, this.#before].flatMap((prepare) =>
      prepare === null ? [] : [prepare.compiled],
    );
  }

  get turn(): number {
    return this.#inForce?.turn ?? 0;
  }

  listeners(): OpenListener[] {
    return [...this.#held.values()].map(({ name, address, port }) => ({ name, address, port }));
  }

  /** Prepares and commits, or leaves everything as it was and says why. One call at a time. */
  async take(compiled: CompiledVersion): Promise<Taken> {
    const wanted = this.#wantedBy(compiled);
    if (!wanted.ok) return wanted;
    const numbers = this.#numbersFor(wanted.value);
    const turn = ++this.#lastTurn;
    const listeners = indexesByNumber(wanted.value, numbers, this.#nextNumber);
    const prepare: Prepare = { type: 'prepare', turn, compiled, listeners };
    const { pool } = this.#options;
    this.#coming = prepare;
    // Workers first: from the moment a port is open, a connection on it may wait in its worker for the commit.
    const errors = await pool.prepare(prepare, this.#inForce);
    const error = errors.length > 0 ? errors.join('; ') : await this.#openAll(wanted.value, numbers);
    if (error !== null) {
      this.#coming = null;
      this.#freeUnused(numbers);
      pool.abandon(prepare, this.#inForce);
      return { ok: false, error };
    }
    await this.#commit(prepare, new Set(wanted.value.map(({ key }) => key)));
    return { ok: true };
  }

  /** Goes back to the version before, which was in force already; false where there was none. */
  async takeBack(): Promise<boolean> {
    const before = this.#before;
    if (before === null) return false;
    this.#before = null;
    const taken = await this.take(before.compiled);
    this.#before = null;
    return taken.ok;
  }

  async closeListeners(): Promise<void> {
    await this.#close([...this.#held.keys()]);
  }

  async #commit(prepare: Prepare, wantedKeys: ReadonlySet<string>): Promise<void> {
    const { pool, log } = this.#options;
    pool.figures.begin(prepare.turn, prepare.compiled.version);
    await pool.commit(prepare);
    // The same state under another version (a promotion) is nothing to go back to.
    if (this.#inForce?.compiled.digest !== prepare.compiled.digest) this.#before = this.#inForce;
    this.#inForce = prepare;
    this.#coming = null;
    const obsolete = [...this.#held.keys()].filter((key) => !wantedKeys.has(key));
    for (const key of obsolete) this.#freeNumbers.push((this.#held.get(key) as Held).listening.listener);
    for (const key of obsolete) log.info({ event: 'listener-closed', listener: this.#held.get(key)?.name });
    await this.#close(obsolete);
  }

  /** Binds what is not bound yet; on an error closes again what it bound, and says which one failed and why. */
  async #openAll(wanted: readonly Wanted[], numbers: ReadonlyMap<string, number>): Promise<string | null> {
    const { accepting, backlog, reusePort, log } = this.#options;
    const opened: string[] = [];
    let error: string | null = null;
    for (const { key, name, address, port } of wanted) {
      if (this.#held.has(key)) continue;
      const listener = numbers.get(key) as number;
      const result = await accepting.listen({ listener, address, port, backlog, reusePort });
      if (!result.ok) {
        error = `listener ${name}: ${result.error.message} (${result.error.code})`;
        break;
      }
      this.#held.set(key, { name, address, port, listening: result.value });
      opened.push(key);
    }
    if (error !== null) await this.#close(opened);
    else for (const key of opened) log.info({ event: 'listener-opened', listener: this.#held.get(key)?.name });
    return error;
  }

  /** The acceptor's numbers of listeners by key: those they have, and free ones for those not open yet. */
  #numbersFor(wanted: readonly Wanted[]): Map<string, number> {
    const numbers = new Map<string, number>();
    for (const { key } of wanted) {
      const held = this.#held.get(key);
      numbers.set(key, held?.listening.listener ?? this.#freeNumber());
    }
    return numbers;
  }

  /** After a failed take: numbers that no open listener has. */
  #freeUnused(numbers: ReadonlyMap<string, number>): void {
    for (const [key, number] of numbers) if (!this.#held.has(key)) this.#freeNumbers.push(number);
  }

  /** The one that has been free for longest, so that no connection on its way can be taken for the next listener's. */
  #freeNumber(): number {
    const reused = this.#freeNumbers.length > numbersRested ? this.#freeNumbers.shift() : undefined;
    return reused ?? this.#nextNumber++;
  }

  async #close(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      const held = this.#held.get(key);
      if (held === undefined) continue;
      this.#held.delete(key);
      await held.listening.close();
    }
  }

  #wantedBy(compiled: CompiledVersion): { ok: true; value: Wanted[] } | { ok: false; error: string } {
    const { table } = compiled;
    const value: Wanted[] = [];
    const keys = new Set<string>();
    for (let index = 0; index < listenerCount(table); index++) {
      const address = listenerBind(table, index) || this.#options.bind;
      const port = listenerPort(table, index);
      const name = listenerName(table, index);
      const key = address.startsWith('unix://') ? address : `${address} ${port}`;
      if (keys.has(key))
        return { ok: false, error: `listener ${name}: another listener has ${address} port ${port} too` };
      keys.add(key);
      value.push({ key, index, name, address, port });
    }
    return { ok: true, value };
  }
}

/** Table index by listener number; -1 for those the version does not have. */
function indexesByNumber(wanted: readonly Wanted[], numbers: ReadonlyMap<string, number>, count: number): number[] {
  const indexes = new Array<number>(count).fill(-1);
  for (const { key, index } of wanted) indexes[numbers.get(key) as number] = index;
  return indexes;
}
