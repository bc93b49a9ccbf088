// What workers count and the main thread reads, in one shared region: no message is sent for accounting. Each worker
// writes its own row only, so plain writes suffice; a dead worker's row is folded into the past and used again.
import { outcomeNames } from '@sluice/session';

const plain = [
  'opened',
  /** Connections that arrived here, decided or still waiting. */
  'taken',
  'closed',
  /** Sessions at this moment, those not yet connected included. */
  'active',
  'bytesReceived',
  'bytesSent',
  'connectFailures',
  /** TLS handshakes ended here that succeeded. */
  'secured',
  /** Version new sessions of this worker take. */
  'version',
] as const;

export type Counter = (typeof plain)[number];

export const counterIndex = Object.fromEntries(plain.map((name, index) => [name, index])) as Record<Counter, number>;
export const outcomeIndex = Object.fromEntries(outcomeNames.map((name, index) => [name, plain.length + index]));

const stride = plain.length + outcomeNames.length;

/** Not sums over time: they end with their worker. */
const momentary: readonly Counter[] = ['active', 'version'];

export type Row = Float64Array;

export class Counters {
  readonly buffer: SharedArrayBuffer;
  readonly #rows: readonly Row[];
  readonly #past: Row = new Float64Array(stride);

  constructor(workers: number) {
    this.buffer = new SharedArrayBuffer(workers * stride * Float64Array.BYTES_PER_ELEMENT);
    this.#rows = Array.from({ length: workers }, (_, worker) => rowOf(this.buffer, worker));
  }

  row(worker: number): Row {
    return this.#rows[worker];
  }

  of(worker: number, counter: Counter): number {
    return this.#rows[worker][counterIndex[counter]];
  }

  /** Over all workers, dead ones included for what is a sum over time. */
  total(index: number): number {
    return this.#rows.reduce((sum, row) => sum + row[index], this.#past[index]);
  }

  /** Keeps a dead worker's sums and clears its row. Sessions it still had are closed with it. */
  fold(worker: number): void {
    const row = this.#rows[worker];
    row[counterIndex.closed] += row[counterIndex.active];
    for (const name of momentary) row[counterIndex[name]] = 0;
    for (const [index, value] of row.entries()) this.#past[index] += value;
    row.fill(0);
  }
}

export function rowOf(buffer: SharedArrayBuffer, worker: number): Row {
  return new Float64Array(buffer, worker * stride * Float64Array.BYTES_PER_ELEMENT, stride);
}
