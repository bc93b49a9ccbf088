// The exit statuses of every command; scripts rely on them.

export const EXIT = {
  done: 0,
  /** Rejected, or failed. */
  failed: 1,
  usage: 2,
  /** The store cannot be reached. */
  storeAway: 3,
  /** Admitted, but not in force everywhere in time. */
  notConverged: 4,
} as const;

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];
