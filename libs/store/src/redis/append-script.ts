// The one write to the log: compares the head and adds an entry, as one step that nobody can come in between.

import { forgetCheckpoints } from './checkpoint-scripts.ts';

/**
 * KEYS: log, head, checkpoints. ARGV: id of the entry, id of the one before, entry as JSON, the head as it must be, the head
 * as it becomes, the head of an empty log, version of the entry, entries that there may be after the newest checkpoint, what the
 * key of a checkpoint begins with.
 * Returns 'ok', 'checkpoint-due', or the head as it is.
 *
 * The stream refuses an id that is not newer. Where it holds entries above the head (put there by somebody else, never
 * admitted) they are thrown out first. A checkpoint above the head is of a past that was lost.
 */
export const APPEND = `-- append a version
local head = redis.call('GET', KEYS[2]) or ARGV[6]
if head ~= ARGV[4] then return head end
${forgetCheckpoints('KEYS[3]', 'ARGV[9]', 'ARGV[7]', "'+inf'")}
local newest = redis.call('ZREVRANGEBYSCORE', KEYS[3], '+inf', '-inf', 'LIMIT', 0, 1)[1] or 0
if ARGV[7] - newest > tonumber(ARGV[8]) then return 'checkpoint-due' end
local added = redis.pcall('XADD', KEYS[1], ARGV[1], 'entry', ARGV[3])
if type(added) == 'table' and added.err then
  if not string.find(added.err, 'equal or smaller', 1, true) then return added end
  while true do
    local strays = redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', 50)
    if #strays == 0 then break end
    for _, stray in ipairs(strays) do redis.call('XDEL', KEYS[1], stray[1]) end
  end
  redis.call('XSETID', KEYS[1], ARGV[2])
  redis.call('XADD', KEYS[1], ARGV[1], 'entry', ARGV[3])
end
redis.call('SET', KEYS[2], ARGV[5])
return 'ok'
`;

/**
 * KEYS: log, head, checkpoint, checkpoints. ARGV: the head as it becomes, packed state, version, the head of an empty log,
 * what the key of a checkpoint begins with. Only where the log has no head: then nothing of it is worth keeping. Returns 1, or 0.
 */
export const RESTORE = `-- restore a state
if (redis.call('GET', KEYS[2]) or ARGV[4]) ~= ARGV[4] then return 0 end
redis.call('DEL', KEYS[1])
${forgetCheckpoints('KEYS[4]', 'ARGV[5]', "'-inf'", "'+inf'")}
redis.call('SET', KEYS[3], ARGV[2])
redis.call('ZADD', KEYS[4], ARGV[3], ARGV[3])
redis.call('SET', KEYS[2], ARGV[1])
return 1
`;
