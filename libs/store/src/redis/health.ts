// Whether a Redis is one that versions may be trusted to: a primary, new enough, which never throws anything away by itself.
import type { Redis } from 'ioredis';
import type { StoreHealth } from '../store.ts';
import { isStoreFault, type StoreFault, storeFault } from '../store-fault.ts';
import type { RedisAddress } from './address.ts';
import type { Run } from './log.ts';

/** Share of the memory limit from which on it is worth a warning. */
const CROWDED_SHARE = 0.8;

/** The oldest with all that the log needs: XADD and XTRIM with MINID, `(` in XRANGE. */
const LEAST_VERSION = [6, 2] as const;

/** Rejects while the store is away. Where INFO is not allowed nothing can be known, and that is said. */
export async function redisHealth(run: Run, address: RedisAddress): Promise<StoreHealth> {
  try {
    return readHealth(await run((client) => infoOf(client, address)), address);
  } catch (error) {
    if (!isStoreFault(error) || error.code !== 'denied' || !error.message.endsWith(' info')) throw error;
    const warning = `${error.message}: whether it is a primary that keeps everything (noeviction) cannot be checked`;
    return { fault: null, warning, usedBytes: 0, limitBytes: null };
  }
}

/**
 * A replica answers INFO as readily as a primary does. Where another server may have taken over, a connection to one that has
 * become a replica is given up for one to the primary; the error is one after which the command is sent again.
 */
async function infoOf(client: Redis, { kind }: RedisAddress): Promise<string> {
  const info = await client.info();
  if (kind === 'single' || fieldsOf(info).get('role') !== 'slave') return info;
  client.disconnect(true);
  throw new Error('READONLY it has become a replica');
}

/** From the reply of INFO. */
export function readHealth(info: string, { name, kind }: Pick<RedisAddress, 'name' | 'kind'>): StoreHealth {
  const fields = fieldsOf(info);
  const usedBytes = Number(fields.get('used_memory') ?? 0);
  const limit = Number(fields.get('maxmemory') ?? 0);
  const policy = fields.get('maxmemory_policy') ?? 'noeviction';
  const fault = wrongServer(fields, name, kind) ?? evictionFault(policy, limit, name);
  const warning = fault === null ? warningOf(policy, usedBytes, limit) : null;
  return { fault, warning, usedBytes, limitBytes: limit === 0 ? null : limit };
}

function wrongServer(fields: ReadonlyMap<string, string>, name: string, kind: RedisAddress['kind']): StoreFault | null {
  const mode = fields.get('redis_mode');
  if (mode === 'sentinel') return storeFault('bad-url', `${name} is a Sentinel: use redis+sentinel://`);
  if (mode === 'cluster' && kind !== 'cluster')
    return storeFault('bad-url', `${name} is one node of a Redis Cluster: use redis+cluster://`);
  const version = fields.get('redis_version') ?? '';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor, leastMinor] = LEAST_VERSION;
  if (version !== '' && (major < leastMajor || (major === leastMajor && minor < leastMinor)))
    return storeFault(
      'too-old',
      `${name} is a Redis ${version}: ${LEAST_VERSION.join('.')} is the oldest that will do`,
    );
  if (fields.get('role') !== 'slave') return null;
  const primary = `${fields.get('master_host')}:${fields.get('master_port')}`;
  return storeFault('read-only', `${name} is a read-only replica of ${primary}`);
}

function evictionFault(policy: string, limit: number, name: string): StoreFault | null {
  if (policy === 'noeviction' || limit === 0) return null;
  const message = `${name} has maxmemory-policy ${policy}: it may throw versions away; set noeviction`;
  return storeFault('eviction', message);
}

function warningOf(policy: string, usedBytes: number, limit: number): string | null {
  if (policy !== 'noeviction') {
    return `maxmemory-policy is ${policy}, which has no effect only because there is no maxmemory; set noeviction`;
  }
  if (limit === 0 || usedBytes < limit * CROWDED_SHARE) return null;
  return `${usedBytes} of ${limit} bytes are in use; at the limit no version can be admitted`;
}

/** `name:value` lines, as INFO gives them. */
function fieldsOf(info: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of info.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return fields;
}
