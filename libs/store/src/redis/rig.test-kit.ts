// What the conformance suite does to a store in Redis behind everybody's back, whatever kind of Redis it is.
import type { Redis } from 'ioredis';
import type { StoreRig } from '../conformance/rig.ts';
import { openStore } from '../open.ts';
import type { Store } from '../store.ts';
import { checkpointKey, HEAD_KEY, LOG_KEY, REPORTED_KEY } from './keys.ts';

/** `direct` is a connection to the server that has the keys. */
export function redisRig(url: string, direct: Redis): StoreRig {
  const opened: Store[] = [];
  return {
    async wipe() {
      await direct.flushall();
    },
    async open(role, options = {}) {
      const result = await openStore(url, { role, ...options });
      if (!result.ok) throw result.fault;
      opened.push(result.value);
      return result.value;
    },
    async damage(what, version) {
      if (what === 'checkpoint') await direct.setrange(checkpointKey(version), 20, 'spoilt');
      else {
        const entries = await direct.xrange(LOG_KEY, '-', '+');
        await direct.del(LOG_KEY);
        for (const [id, [, json = '']] of entries) {
          const spoilt = id === `${version}-0` ? json.replace('10.0.0.1', '10.6.6.6') : json;
          await direct.xadd(LOG_KEY, id, 'entry', spoilt);
        }
      }
    },
    async smuggle(entry) {
      await direct.xadd(LOG_KEY, `${entry.version}-0`, 'entry', JSON.stringify(entry));
    },
    async lose(version, head) {
      await direct.xdel(LOG_KEY, `${version}-0`);
      await direct.call('XSETID', LOG_KEY, `${version - 1}-0`);
      await direct.set(HEAD_KEY, `${head.version} ${head.digest}`);
    },
    async age(id, ms) {
      await direct.zincrby(REPORTED_KEY, -ms, id);
    },
    async closeAll() {
      for (const store of opened.splice(0)) await store.close();
    },
  };
}
