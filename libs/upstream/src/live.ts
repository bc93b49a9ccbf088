// Sessions at once for each endpoint and cluster, exact over all workers, in one shared region that outlives versions.
// Each worker writes its own row only; a reader adds the rows. So a dead worker's count is dropped by clearing its row,
// and no decrement can be missed for ever.

/** Distinct endpoints and clusters counted at once; 1 MiB a worker, of which only pages in use cost memory. */
export const liveCapacity = 1 << 18;

/** Where what has no slot of its own is counted; it limits nothing. */
export const unlimitedSlot = 0;

export interface Live {
  readonly counts: Int32Array;
  readonly workers: number;
}

export function createLive(workers: number): SharedArrayBuffer {
  return new SharedArrayBuffer(workers * liveCapacity * Int32Array.BYTES_PER_ELEMENT);
}

export function openLive(buffer: SharedArrayBuffer): Live {
  const counts = new Int32Array(buffer);
  return { counts, workers: counts.length / liveCapacity };
}

/** Sessions of all workers. */
export function active(live: Live, slot: number): number {
  let sum = 0;
  for (let worker = 0; worker < live.workers; worker++) sum += Atomics.load(live.counts, worker * liveCapacity + slot);
  return sum;
}

/**
 * Counts one more, unless that would be more than `limit` (0 = none). Counting comes before judging, so two workers at
 * the same moment may both be refused at the limit but never both admitted over it.
 */
export function enter(live: Live, worker: number, slot: number, limit: number): boolean {
  Atomics.add(live.counts, worker * liveCapacity + slot, 1);
  if (limit === 0 || slot === unlimitedSlot || active(live, slot) <= limit) return true;
  leave(live, worker, slot);
  return false;
}

export function leave(live: Live, worker: number, slot: number): void {
  Atomics.sub(live.counts, worker * liveCapacity + slot, 1);
}

/** The worker died with all its sessions. */
export function clearWorker(live: Live, worker: number): void {
  live.counts.fill(0, worker * liveCapacity, (worker + 1) * liveCapacity);
}
