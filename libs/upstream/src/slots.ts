// Which slot of the live region belongs to which endpoint and cluster. The book is kept by one thread and outlives
// versions; each version gets the slots of its table as an array that workers read in place.
import { clusterCount, clusterName, endpointCount, endpointKey, type RouteTable } from '@sluice/route-table';
import { active, type Live, liveCapacity, unlimitedSlot } from './live.ts';

/** Slots of one table: those of endpoint n at n, those of cluster n at endpointCount + n. */
export type TableSlots = Int32Array;

export class SlotBook {
  readonly #live: Live;
  readonly #slots = new Map<string, number>();
  readonly #free: number[] = [];
  #next = unlimitedSlot + 1;

  constructor(live: Live) {
    this.#live = live;
  }

  assign(table: RouteTable): SharedArrayBuffer {
    const endpoints = endpointCount(table);
    const clusters = clusterCount(table);
    const keys: string[] = [];
    for (let n = 0; n < endpoints; n++) keys.push(`e ${endpointKey(table, n)}`);
    for (let n = 0; n < clusters; n++) keys.push(`c ${clusterName(table, n)}`);
    const missing = keys.filter((key) => !this.#slots.has(key)).length;
    if (this.#next + missing > liveCapacity + this.#free.length) this.#reclaim(new Set(keys));
    const buffer = new SharedArrayBuffer(keys.length * Int32Array.BYTES_PER_ELEMENT);
    const slots: TableSlots = new Int32Array(buffer);
    for (const [n, key] of keys.entries()) slots[n] = this.#slotOf(key);
    return buffer;
  }

  #slotOf(key: string): number {
    const known = this.#slots.get(key);
    if (known !== undefined) return known;
    const slot = this.#free.pop() ?? (this.#next < liveCapacity ? this.#next++ : unlimitedSlot);
    if (slot !== unlimitedSlot) this.#slots.set(key, slot);
    return slot;
  }

  /** What is neither in the table to come nor in any session's hands may be given to others. */
  #reclaim(wanted: ReadonlySet<string>): void {
    for (const [key, slot] of this.#slots) {
      if (wanted.has(key) || active(this.#live, slot) > 0) continue;
      this.#slots.delete(key);
      this.#free.push(slot);
    }
  }
}
