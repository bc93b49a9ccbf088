// Which store a command means: the one given, the environment's, the one that runs from this checkout, the usual address.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const DATA = process.env.SLUICE_DATA?.trim() || join(import.meta.dirname, '../../../.sluice');

export const DEFAULT_STORE = 'redis://127.0.0.1:6379';

export function storeAddress(given: string | undefined): string {
  return given || process.env.SLUICE_STORE?.trim() || runningStore() || DEFAULT_STORE;
}

/** The store of `scripts/start`, for as long as that process lives. */
function runningStore(): string | undefined {
  try {
    const { pid, store } = JSON.parse(readFileSync(join(DATA, 'run.json'), 'utf8')) as {
      pid?: unknown;
      store?: unknown;
    };
    if (typeof pid !== 'number' || typeof store !== 'string') return undefined;
    process.kill(pid, 0);
    return store;
  } catch {
    return undefined;
  }
}
