// From a store's URL to what a client needs. Says nothing to any server.
import type { RedisOptions } from 'ioredis';
import { type StoreFault, storeFault } from '../store-fault.ts';

export interface RedisAddress {
  /** For people and logs: without user and password. */
  readonly name: string;
  readonly options: RedisOptions;
}

/** `redis://[user:password@]host[:port][/db]`, or `rediss://` for TLS. */
export function parseRedisUrl(text: string): RedisAddress | StoreFault {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'redis:' && url.protocol !== 'rediss:') || url.hostname === '') {
    return storeFault('bad-url', `"${withoutPassword(text)}" is not a URL of a Redis`);
  }
  const db = url.pathname === '' || url.pathname === '/' ? 0 : Number(url.pathname.slice(1));
  if (!Number.isInteger(db) || db < 0)
    return storeFault('bad-url', `"${url.pathname}" is not a number of a Redis database`);
  const port = url.port === '' ? 6379 : Number(url.port);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return {
    name: `${url.protocol}//${url.hostname}:${port}${db === 0 ? '' : `/${db}`}`,
    options: {
      host,
      port,
      db,
      ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
      ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
      ...(url.protocol === 'rediss:' ? { tls: { servername: host } } : {}),
    },
  };
}

function withoutPassword(text: string): string {
  return text.replace(/\/\/[^@/]*@/, '//');
}
