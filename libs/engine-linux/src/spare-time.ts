// Whether a thread has time to spare. One without any is what limits its sessions, and had better do less for each byte;
// one with time to spare had better do what is quicker for those at both ends. It does not know what is done either way.

/** Between two looks: long enough for a share to mean something, short against the life of a bulk transfer. */
const windowMs = 50;
/** Shares of the time in which the thread worked; apart, so that the change itself does not bring the next. */
const busyAbove = 0.9;
const idleBelow = 0.5;

export class SpareTime {
  readonly #workedShare: () => number;
  #nextMs = 0;
  #none = false;

  /** `workedShare`: which part of the time since the last call the thread has worked, 0..1. */
  constructor(workedShare: () => number) {
    this.#workedShare = workedShare;
  }

  /** True: the thread has worked nearly all the time of late. */
  get none(): boolean {
    return this.#none;
  }

  /** To be called in every turn. */
  look(nowMs: number): void {
    if (nowMs < this.#nextMs) return;
    this.#nextMs = nowMs + windowMs;
    this.#none = this.#workedShare() > (this.#none ? idleBelow : busyAbove);
  }
}

/** Of the thread that calls it: the time in which its event loop did not wait (Node's eventLoopUtilization). */
export function loopWorkedShare(): () => number {
  let before = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    return utilization;
  };
}
