// Runs a command on a store, and says in one way what is wrong with the store.
import {
  isStoreFault,
  openStore,
  readLogSettings,
  STORE_FAULTS,
  type Store,
  type StoreFault,
  type StoreFaultCode,
} from '@sluice/store';
import type { SigningKey } from '@sluice/version';
import { EXIT, type ExitStatus } from './exit.ts';
import { wrongUsage } from './failure.ts';
import { printJson, tell } from './output.ts';
import { storeAddress } from './store-address.ts';

export interface StoreOptions {
  readonly store?: string;
  readonly json?: boolean;
  /** Signs what this process admits itself, on a store of one file. */
  readonly signer?: SigningKey | null;
  /** It may be the first to come to a store of one file: others must find one. */
  readonly creates?: boolean;
}

const STATUS: Readonly<Partial<Record<StoreFaultCode, ExitStatus>>> = {
  'bad-url': EXIT.usage,
  away: EXIT.storeAway,
  'no-file': EXIT.storeAway,
  denied: EXIT.storeAway,
  certificate: EXIT.storeAway,
  'read-only': EXIT.storeAway,
};

export async function withStore(
  options: StoreOptions,
  work: (store: Store) => Promise<ExitStatus>,
): Promise<ExitStatus> {
  const { value: settings, complaints } = readLogSettings(process.env);
  if (complaints.length > 0) return wrongUsage(complaints.join('; '), options);
  const opened = await openStore(storeAddress(options.store), {
    role: 'publisher',
    mustExist: options.creates !== true,
    ...settings,
    ...(options.signer ? { signer: options.signer } : {}),
  });
  if (!opened.ok) return fail(options, opened.fault);
  try {
    return await work(opened.value);
  } catch (error) {
    if (isStoreFault(error)) return fail(options, error);
    throw error;
  } finally {
    await opened.value.close();
  }
}

function fail({ json = false }: StoreOptions, fault: StoreFault): ExitStatus {
  const { code, message } = fault;
  if (json) printJson({ ok: false, reason: code, message });
  tell(`the store: ${message}`);
  tell(`  ${STORE_FAULTS[code]}`);
  return STATUS[code] ?? EXIT.failed;
}
