// The log in Redis: a stream whose entry ids are the versions, the head beside it, and checkpoints.
import { EMPTY_STATE } from '@sluice/version';
import type { Redis } from 'ioredis';
import { BATCH_ENTRIES } from '../catch-up.ts';
import type { LogBackend, StoredEntry, Watcher } from '../log-backend.ts';
import type { Head } from '../store.ts';
import { storeFault } from '../store-fault.ts';
import { APPEND, RESTORE } from './append-script.ts';
import { TRIM, WRITE_CHECKPOINT } from './checkpoint-scripts.ts';
import { CHECKPOINT_KEY_START, CHECKPOINTS_KEY, checkpointKey, HEAD_KEY, LOG_KEY } from './keys.ts';

/** Runs commands, turning every failure into a store fault. */
export type Run = <T>(command: (client: Redis) => Promise<T>) => Promise<T>;

const EMPTY_HEAD = `0 ${EMPTY_STATE.digest}`;

/** What a wait for news may take longer than asked for, before the connection counts as dead. */
const WAIT_GRACE_MS = 5_000;

export function redisLog(run: Run, connectWatcher: () => { client: Redis; run: Run }): LogBackend {
  return {
    head: () => run(readHead),
    async append(entry, replayEntries) {
      const before = formatHead({ version: entry.version - 1, digest: entry.previous });
      const after = formatHead(entry);
      const ids = [idOf(entry.version), idOf(entry.version - 1)];
      const keys = [LOG_KEY, HEAD_KEY, CHECKPOINTS_KEY];
      const heads = [before, after, EMPTY_HEAD];
      const args = [...ids, JSON.stringify(entry), ...heads, entry.version, replayEntries, CHECKPOINT_KEY_START];
      const answer = await run((client) => client.eval(APPEND, keys.length, ...keys, ...args));
      if (answer === 'checkpoint-due') return answer;
      return answer === 'ok' ? { ok: true } : { ok: false, head: parseHead(String(answer)) };
    },
    entries: async (after, limit) =>
      parse(await run((client) => client.xrange(LOG_KEY, `(${idOf(after)}`, '+', 'COUNT', limit))),
    entriesBack: async (before, limit) =>
      parse(await run((client) => client.xrevrange(LOG_KEY, `(${idOf(before)}`, '-', 'COUNT', limit))),
    checkpoints: async () => (await run((client) => client.zrange(CHECKPOINTS_KEY, '0', '-1'))).map(Number),
    checkpoint: (version) => run((client) => client.getBuffer(checkpointKey(version))),
    async writeCheckpoint(version, packed) {
      const keys = [checkpointKey(version), CHECKPOINTS_KEY];
      await run((client) => client.eval(WRITE_CHECKPOINT, keys.length, ...keys, Buffer.from(packed), version));
    },
    async trim(upTo) {
      const args = [upTo, idOf(upTo + 1), CHECKPOINT_KEY_START];
      await run((client) => client.eval(TRIM, 2, LOG_KEY, CHECKPOINTS_KEY, ...args));
    },
    async restore(head, packed) {
      const keys = [LOG_KEY, HEAD_KEY, checkpointKey(head.version), CHECKPOINTS_KEY];
      const args = [formatHead(head), Buffer.from(packed), String(head.version), EMPTY_HEAD, CHECKPOINT_KEY_START];
      return (await run((client) => client.eval(RESTORE, keys.length, ...keys, ...args))) === 1;
    },
    watch: () => redisWatcher(connectWatcher()),
  };
}

function redisWatcher({ client, run }: { client: Redis; run: Run }): Watcher {
  return {
    head: () => within(WAIT_GRACE_MS, client, run(readHead)),
    async wait(after, waitMs) {
      const count = ['COUNT', BATCH_ENTRIES] as const;
      const news = run((connection) =>
        waitMs === 0
          ? connection.xread(...count, 'STREAMS', LOG_KEY, idOf(after))
          : connection.xread(...count, 'BLOCK', waitMs, 'STREAMS', LOG_KEY, idOf(after)),
      );
      return parse((await within(waitMs + WAIT_GRACE_MS, client, news))?.[0]?.[1] ?? []);
    },
    close: () => client.disconnect(),
  };
}

/** A connection whose other end is gone without a word would wait for ever. */
async function within<T>(limitMs: number, client: Redis, work: Promise<T>): Promise<T> {
  const timer = setTimeout(() => client.disconnect(), limitMs);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}

async function readHead(client: Redis): Promise<Head> {
  const text = await client.get(HEAD_KEY);
  return parseHead(text ?? EMPTY_HEAD);
}

function idOf(version: number): string {
  return `${version}-0`;
}

function formatHead({ version, digest }: Head): string {
  return `${version} ${digest}`;
}

function parseHead(text: string): Head {
  const match = /^(\d{1,15}) ([0-9a-f]{64})$/.exec(text);
  if (match === null) throw storeFault('damaged', `the head is ${JSON.stringify(text.slice(0, 80))}`);
  return { version: Number(match[1]), digest: match[2]! };
}

function parse(rows: readonly (readonly [string, readonly string[]])[]): StoredEntry[] {
  return rows.map(([, fields]) => {
    try {
      return JSON.parse(fields[1] ?? '') as StoredEntry;
    } catch {
      return undefined;
    }
  });
}
