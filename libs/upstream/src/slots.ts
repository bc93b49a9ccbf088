// Which slot of the live region belongs to which endpoint and cluster. The book is kept by one thread and outlives
// versions; each version gets the slots of its table as an array that workers read in place.
import { clusterCount, clusterName, endpointCount, endpointKey, type RouteTable } from '@sluice/route-table';
import { active, type Live, liveCapacity, unlimitedSlot } from './live.ts';

/** Slots of one table: those of endpoint n at n, those of cluster n at endpointCount + n. */
export type TableSlots = Int32Array;

/** A table with the slots that were assigned to it. */
export interface HeldSlots {
  readonly table: RouteTable;
  readonly slots: SharedArrayBuffer;
}

/** A table that was edited into the one to come, with its slots. */
export interface EarlierSlots extends HeldSlots {
  /** Indexes of clusters that are new, or no longer what they were. */
  readonly clusters: readonly number[];
}

export class SlotBook {
  readonly #live: Live;
  readonly #slots = new Map<string, number>();
  readonly #free: number[] = [];
  /** In the hands of sessions that began by a table which this book never saw. */
  #foreign: number[] = [];
  #next = unlimitedSlot + 1;

  /**
   * `held`: tables that may still be in force, where another book assigned their slots before this one: what they name
   * keeps its slot. Of a name in several the slot in the first counts. Slots that only older sessions hold stay theirs.
   */
  constructor(live: Live, held: readonly HeldSlots[] = []) {
    this.#live = live;
    if (held.length === 0) return;
    const taken = new Set<number>();
    for (const { table, slots } of held) this.#adopt(table, new Int32Array(slots), taken);
    this.#resume(taken);
  }

  assign(table: RouteTable): SharedArrayBuffer {
    const keys = slotKeys(table);
    const missing = keys.filter((key) => !this.#slots.has(key)).length;
    if (missing > this.#left()) this.#reclaim(new Set(keys));
    const buffer = new SharedArrayBuffer(keys.length * Int32Array.BYTES_PER_ELEMENT);
    const slots: TableSlots = new Int32Array(buffer);
    for (const [n, key] of keys.entries()) slots[n] = this.#slotOf(key);
    return buffer;
  }

  /** The same for an edited table, whose endpoints and clusters keep their places and only become more. */
  assignEdited(table: RouteTable, earlier: EarlierSlots): SharedArrayBuffer {
    const [oldEndpoints, endpoints] = [endpointCount(earlier.table), endpointCount(table)];
    const clusters = clusterCount(table);
    const changed = earlier.clusters;
    if (endpoints - oldEndpoints + changed.length > this.#left()) return this.assign(table);
    const buffer = new SharedArrayBuffer((endpoints + clusters) * Int32Array.BYTES_PER_ELEMENT);
    const slots: TableSlots = new Int32Array(buffer);
    const old: TableSlots = new Int32Array(earlier.slots);
    slots.set(old.subarray(0, oldEndpoints));
    slots.set(old.subarray(oldEndpoints), endpoints);
    for (let n = oldEndpoints; n < endpoints; n++) slots[n] = this.#slotOf(endpointSlotKey(table, n));
    for (const n of changed) slots[endpoints + n] = this.#slotOf(clusterSlotKey(table, n));
    return buffer;
  }

  /** How many more can have a slot without taking one from others. */
  #left(): number {
    return liveCapacity - this.#next + this.#free.length;
  }

  #slotOf(key: string): number {
    const known = this.#slots.get(key);
    if (known !== undefined) return known;
    const slot = this.#free.pop() ?? (this.#next < liveCapacity ? this.#next++ : unlimitedSlot);
    if (slot !== unlimitedSlot) this.#slots.set(key, slot);
    return slot;
  }

  #adopt(table: RouteTable, slots: TableSlots, taken: Set<number>): void {
    for (const [n, key] of slotKeys(table).entries()) {
      if (slots[n] === unlimitedSlot) continue;
      taken.add(slots[n]);
      if (!this.#slots.has(key)) this.#slots.set(key, slots[n]);
    }
  }

  /** Goes on where another book ended, as far as that can be seen. */
  #resume(taken: ReadonlySet<number>): void {
    for (let slot = liveCapacity - 1; slot > unlimitedSlot; slot--) {
      if (taken.has(slot)) this.#next = Math.max(this.#next, slot + 1);
      else if (active(this.#live, slot) > 0) {
        this.#next = Math.max(this.#next, slot + 1);
        this.#foreign.push(slot);
      } else if (slot < this.#next) this.#free.push(slot);
    }
  }

  /** What is neither in the table to come nor in any session's hands may be given to others. */
  #reclaim(wanted: ReadonlySet<string>): void {
    for (const [key, slot] of this.#slots) {
      if (wanted.has(key) || active(this.#live, slot) > 0) continue;
      this.#slots.delete(key);
      this.#free.push(slot);
    }
    const isHeld = (slot: number) => active(this.#live, slot) > 0;
    for (const slot of this.#foreign) if (!isHeld(slot)) this.#free.push(slot);
    this.#foreign = this.#foreign.filter(isHeld);
  }
}

/** In the order of a table's slots. */
function slotKeys(table: RouteTable): string[] {
  const keys: string[] = [];
  for (let n = 0; n < endpointCount(table); n++) keys.push(endpointSlotKey(table, n));
  for (let n = 0; n < clusterCount(table); n++) keys.push(clusterSlotKey(table, n));
  return keys;
}

function endpointSlotKey(table: RouteTable, endpoint: number): string {
  return `e ${endpointKey(table, endpoint)}`;
}

function clusterSlotKey(table: RouteTable, cluster: number): string {
  return `c ${clusterName(table, cluster)}`;
}
