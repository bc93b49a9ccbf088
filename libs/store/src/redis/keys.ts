// The names of everything Sluice keeps in Redis. One hash tag: in a Redis Cluster all of it lies in one slot.

export const PREFIX = '{sluice}';

/** Stream; the id of an entry is its version: `42-0`. */
export const LOG_KEY = `${PREFIX}:log`;

/** Text: version and digest of the head, `42 9f86...`. */
export const HEAD_KEY = `${PREFIX}:head`;

/** Sorted set of the versions that have a checkpoint. */
export const CHECKPOINTS_KEY = `${PREFIX}:checkpoints`;

/** Bytes: the state at a version, packed; the key ends with the version. */
export const CHECKPOINT_KEY_START = `${PREFIX}:checkpoint:`;

export function checkpointKey(version: number): string {
  return `${CHECKPOINT_KEY_START}${version}`;
}

/** Hash of acceptor id to its last report, and sorted set of ids by the time of it, in milliseconds. */
export const REPORTS_KEY = `${PREFIX}:reports`;
export const REPORTED_KEY = `${PREFIX}:reported`;

/** Sorted set of the config services that take admissions, by the time of their last word, in milliseconds. */
export const DESKS_KEY = `${PREFIX}:desks`;

/** BullMQ queue of proposals; BullMQ names its keys `{sluice}:admissions:...`. */
export const QUEUE_NAME = 'admissions';
