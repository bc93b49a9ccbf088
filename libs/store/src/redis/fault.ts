// From what ioredis and Redis say to the closed list of store faults.
import { isStoreFault, type StoreFault, type StoreFaultCode, storeFault } from '../store-fault.ts';

/** First word of an error reply: https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors */
const BY_REPLY: Readonly<Record<string, StoreFaultCode>> = {
  NOAUTH: 'denied',
  WRONGPASS: 'denied',
  NOPERM: 'denied',
  READONLY: 'read-only',
  OOM: 'full',
  MISCONF: 'full',
};

export function redisFault(error: unknown, where: string): StoreFault {
  if (isStoreFault(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  const word = message.slice(0, message.indexOf(' '));
  const code = BY_REPLY[word] ?? (message.startsWith('ERR invalid password') ? 'denied' : 'away');
  return storeFault(code, `${where}: ${message || 'no connection'}`, error);
}
