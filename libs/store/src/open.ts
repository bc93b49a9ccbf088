// Opens a store by its URL; each kind is loaded only when it is asked for.
import type { Opened, OpenOptions } from './store.ts';
import { storeFault } from './store-fault.ts';

/**
 * For a publisher the store must answer (within about 3 s); the other roles get a store that connects when it can.
 * Fails with `bad-url`, and for a publisher with `away`, `denied`.
 */
export async function openStore(url: string, options: OpenOptions): Promise<Opened> {
  if (/^rediss?(\+(sentinel|cluster))?:/.test(url))
    return (await import('./redis/store.ts')).openRedisStore(url, options);
  if (url.startsWith('sqlite:')) return (await import('./sqlite/store.ts')).openSqliteStore(url, options);
  // Nothing else of it is shown: it may hold a password.
  const scheme = /^[a-z+]+(?=:\/\/)/.exec(url)?.[0];
  const message = scheme === undefined ? 'the store is not given as a URL' : `"${scheme}://" is not a kind of store`;
  return { ok: false, fault: storeFault('bad-url', message) };
}
