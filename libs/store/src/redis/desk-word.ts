// Each config service says every second that it takes admissions, and others ask whether one does. By the store's clock.
import { setTimeout as delay } from 'node:timers/promises';
import { DESKS_KEY } from './keys.ts';
import type { Run } from './log.ts';

/**
 * Each config service says so often that it is there. One that ends takes its word back; one that just falls silent was
 * killed or hangs, and is being started again as a rule: it counts as there for as long as that may take.
 */
const DESK_WORD_MS = 1_000;
const DESK_SILENCE_MS = 15_000;

/** KEYS: desks. ARGV: name of the desk, milliseconds after which others are forgotten. Returns how many there are. */
const DESK_WORD = `-- say that admissions are taken
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
return redis.call('ZCARD', KEYS[1])
`;

export async function isDeskThere(run: Run): Promise<boolean> {
  const [seconds, micros] = await run((client) => client.time());
  const nowMs = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
  // One of the future was said before the store's clock was set back.
  return (await run((client) => client.zcount(DESKS_KEY, nowMs - DESK_SILENCE_MS, nowMs + DESK_SILENCE_MS))) > 0;
}

/** Goes on until the signal; then the word is taken back. `heard` is told each time how many say so, with this one. */
export async function sayIsThere(
  run: Run,
  name: string,
  signal: AbortSignal,
  heard: (desks: number) => void,
): Promise<void> {
  while (!signal.aborted) {
    const word = run((client) => client.eval(DESK_WORD, 1, DESKS_KEY, name, String(DESK_SILENCE_MS)));
    // Away: the next word, a second later, is as good.
    await word.then((desks) => heard(Number(desks))).catch(() => {});
    await delay(DESK_WORD_MS, undefined, { signal }).catch(() => {});
  }
  await run((client) => client.zrem(DESKS_KEY, name)).catch(() => {});
}
