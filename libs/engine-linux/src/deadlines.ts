// One deadline for each descriptor, kept in a wheel of slots linked through typed arrays, under one timer for all. It
// must not allocate when a deadline is set or cleared; whether a deadline still holds is the one's business who is called.

/** Deadlines are kept to this; a turn of the wheel is slots times it, 65 s. What is due later is looked at once a turn. */
const tickMs = 16;
const slots = 4096;
const none = -1;

export class Deadlines {
  readonly #heads = new Int32Array(slots).fill(none);
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #slotOf: Int32Array;
  readonly #dueMs: Float64Array;
  readonly #onDue: (fd: number) => void;
  #count = 0;
  #swept: number;
  #armedTick = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #looking: NodeJS.Immediate | undefined;

  constructor(capacity: number, onDue: (fd: number) => void) {
    this.#next = new Int32Array(capacity);
    this.#previous = new Int32Array(capacity);
    // 0 says unlinked, so that a fresh array needs no filling: a million words would be touched otherwise.
    this.#slotOf = new Int32Array(capacity);
    this.#dueMs = new Float64Array(capacity);
    this.#onDue = onDue;
    this.#swept = Math.floor(performance.now() / tickMs);
  }

  /** `atMs`: on performance.now()'s clock; Infinity clears. A deadline set before is replaced. */
  set(fd: number, atMs: number): void {
    if (this.#slotOf[fd] !== 0) this.#unlink(fd);
    if (atMs === Number.POSITIVE_INFINITY) return;
    this.#dueMs[fd] = atMs;
    this.#link(fd, atMs);
  }

  clear(fd: number): void {
    if (this.#slotOf[fd] !== 0) this.#unlink(fd);
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#looking);
    this.#armedTick = Number.POSITIVE_INFINITY;
  }

  #link(fd: number, atMs: number): void {
    const wanted = Math.ceil(atMs / tickMs);
    const tick = Math.min(Math.max(wanted, this.#swept + 1), this.#swept + slots - 1);
    const slot = tick % slots;
    const head = this.#heads[slot] as number;
    this.#next[fd] = head;
    this.#previous[fd] = none;
    if (head !== none) this.#previous[head] = fd;
    this.#heads[slot] = fd;
    this.#slotOf[fd] = slot + 1;
    this.#count++;
    if (tick < this.#armedTick) this.#arm(tick);
  }

  #unlink(fd: number): void {
    const next = this.#next[fd] as number;
    const previous = this.#previous[fd] as number;
    if (previous === none) this.#heads[(this.#slotOf[fd] as number) - 1] = next;
    else this.#next[previous] = next;
    if (next !== none) this.#previous[next] = previous;
    this.#slotOf[fd] = 0;
    this.#count--;
  }

  #arm(tick: number): void {
    clearTimeout(this.#timer);
    this.#armedTick = tick;
    this.#timer = setTimeout(this.#lookNext, Math.max(1, Math.ceil(tick * tickMs - performance.now())));
  }

  /** A thread that was held up finds timers due first, and what has arrived meanwhile only then: that has the say. */
  readonly #lookNext = (): void => {
    this.#looking = setImmediate(this.#sweep);
  };

  readonly #sweep = (): void => {
    this.#armedTick = Number.POSITIVE_INFINITY;
    const nowMs = performance.now();
    // No more than one turn, however long the thread was held up: every slot is then looked at once.
    const last = Math.floor(nowMs / tickMs);
    const first = Math.max(this.#swept + 1, last - slots + 1);
    try {
      for (let tick = first; tick <= last; tick++) {
        // Moved on first: what is linked again while this slot is swept must not land in it.
        this.#swept = tick;
        this.#sweepSlot(tick % slots, nowMs);
      }
    } finally {
      this.#armNext();
    }
  };

  #sweepSlot(slot: number, nowMs: number): void {
    // Whoever is called may set and clear any deadline, so each step starts from the head; what is not due moves away.
    for (;;) {
      const fd = this.#heads[slot] as number;
      if (fd === none) return;
      this.#unlink(fd);
      if ((this.#dueMs[fd] as number) <= nowMs) this.#onDue(fd);
      else this.#link(fd, this.#dueMs[fd] as number);
    }
  }

  #armNext(): void {
    if (this.#count === 0) return;
    for (let tick = this.#swept + 1; tick < this.#swept + slots; tick++) {
      if (this.#heads[tick % slots] === none) continue;
      if (tick < this.#armedTick) this.#arm(tick);
      return;
    }
  }
}
