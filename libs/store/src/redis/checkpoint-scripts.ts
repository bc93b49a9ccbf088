// What is done to checkpoints, each as one step: a process that is killed, or a memory that is full, leaves no key behind that
// nobody lists any more.

/** KEYS: checkpoint, checkpoints. ARGV: packed state, version. */
export const WRITE_CHECKPOINT = `-- write a checkpoint
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[2])
redis.call('SET', KEYS[1], ARGV[1])
return 1
`;

/**
 * A part of a script: forgets the checkpoints from one version to another, both as ZRANGEBYSCORE takes them. Their keys are in
 * the slot of the others.
 */
export function forgetCheckpoints(checkpoints: string, keyStart: string, from: string, to: string): string {
  return `for _, version in ipairs(redis.call('ZRANGEBYSCORE', ${checkpoints}, ${from}, ${to})) do
  redis.call('DEL', ${keyStart} .. version)
end
redis.call('ZREMRANGEBYSCORE', ${checkpoints}, ${from}, ${to})`;
}

/** KEYS: log, checkpoints. ARGV: version, id of the first entry to be kept, what the key of a checkpoint begins with. */
export const TRIM = `-- forget checkpoints below a version, and entries up to it
${forgetCheckpoints('KEYS[2]', 'ARGV[3]', "'-inf'", "'(' .. ARGV[1]")}
redis.call('XTRIM', KEYS[1], 'MINID', ARGV[2])
return 1
`;
