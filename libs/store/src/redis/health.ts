// Whether a Redis is one that versions may be trusted to: a primary, which never throws anything away by itself.
import type { Redis } from 'ioredis';
import type { StoreHealth } from '../store.ts';
import { storeFault } from '../store-fault.ts';

/** Share of the memory limit from which on it is worth a warning. */
const CROWDED_SHARE = 0.8;

export async function redisHealth(client: Redis, where: string): Promise<StoreHealth> {
  const memory = fieldsOf(await client.info('memory'));
  const replication = fieldsOf(await client.info('replication'));
  const usedBytes = Number(memory.get('used_memory') ?? 0);
  const limitBytes = Number(memory.get('maxmemory') ?? 0);
  const policy = memory.get('maxmemory_policy') ?? 'noeviction';
  const health = { usedBytes, limitBytes: limitBytes === 0 ? null : limitBytes };
  if (replication.get('role') === 'slave') {
    const primary = `${replication.get('master_host')}:${replication.get('master_port')}`;
    return {
      ...health,
      fault: storeFault('read-only', `${where} is a read-only replica of ${primary}`),
      warning: null,
    };
  }
  if (policy !== 'noeviction' && limitBytes > 0) {
    const message = `${where} has maxmemory-policy ${policy}: it may throw versions away; set noeviction`;
    return { ...health, fault: storeFault('eviction', message), warning: null };
  }
  return { ...health, fault: null, warning: warningOf(policy, usedBytes, limitBytes) };
}

function warningOf(policy: string, usedBytes: number, limitBytes: number): string | null {
  if (policy !== 'noeviction') {
    return `maxmemory-policy is ${policy}, which has no effect only because there is no maxmemory; set noeviction`;
  }
  if (limitBytes === 0 || usedBytes < limitBytes * CROWDED_SHARE) return null;
  return `${usedBytes} of ${limitBytes} bytes are in use; at the limit no version can be admitted`;
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
