// The acceptors' reports in Redis, dated by its own clock.
import { ageSince, FORGET_AFTER_MS, parseReport } from '../report.ts';
import type { ReceivedReport, Reports } from '../store.ts';
import { DESKS_KEY, REPORTED_KEY, REPORTS_KEY } from './keys.ts';
import type { Run } from './log.ts';

/** KEYS: reports, reported. ARGV: id, report, milliseconds after which others are forgotten. */
const PUT = `-- put a report
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[2], now, ARGV[1])
local old = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now - ARGV[3], 'LIMIT', 0, 100)
for _, id in ipairs(old) do
  redis.call('ZREM', KEYS[2], id)
  redis.call('HDEL', KEYS[1], id)
end
return 1
`;

export function redisReports(run: Run): Reports {
  return {
    async put(report) {
      const args = [report.id, JSON.stringify(report), String(FORGET_AFTER_MS)];
      await run((client) => client.eval(PUT, 2, REPORTS_KEY, REPORTED_KEY, ...args));
    },
    async list() {
      const [time, reports, reported] = await Promise.all([
        run((client) => client.time()),
        run((client) => client.hgetall(REPORTS_KEY)),
        run((client) => client.zrange(REPORTED_KEY, '0', '-1', 'WITHSCORES')),
      ]);
      const nowMs = Number(time[0]) * 1000 + Math.floor(Number(time[1]) / 1000);
      const found: ReceivedReport[] = [];
      for (let i = 0; i + 1 < reported.length; i += 2) {
        const report = parseReport(reports[reported[i]!]);
        if (report !== undefined) found.push({ ...report, ageMs: ageSince(Number(reported[i + 1]), nowMs) });
      }
      return found.sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    async check() {
      // Changes nothing, and is refused like any command that may need memory; in a key that whoever drives roll-outs may write.
      await run((client) => client.zadd(DESKS_KEY, 'XX', 0, 'nobody'));
    },
    async remove(id) {
      await run((client) => client.hdel(REPORTS_KEY, id));
      await run((client) => client.zrem(REPORTED_KEY, id));
    },
  };
}
