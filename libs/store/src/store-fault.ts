// The closed list of what can be wrong with a store, each told from the others by its code.

/** Code, and what to do about it. */
export const STORE_FAULTS = {
  'bad-url': 'use redis://, rediss:// (TLS), redis+sentinel://, redis+cluster:// or sqlite:PATH; see docs/redis.md',
  away: 'check that the store runs and that its address is right; what is in force goes on being served',
  'no-file':
    'check the path (SLUICE_STORE, --store); a publish, or an acceptor that is started on it, makes the file of a new store',
  denied:
    'check user and password, and that the user may do what the role needs (deploy/redis/users.acl); of a file, that this user may read and write it and its folder',
  certificate: 'check the files of ca, cert and key (SLUICE_STORE_CA, _CERT, _KEY), and the name in the certificate',
  'read-only': 'this is a replica: connect to the primary, or use redis+sentinel://',
  eviction: 'set maxmemory-policy noeviction: any other policy may throw versions away',
  'too-old': 'use a Redis 6.2 or newer, 7.0 where users have roles, or Valkey',
  full: 'the store has no memory or disk left: raise its limit or lower the retention',
  empty: 'the store lost all its versions: what is in force goes on being served until there is a version again',
  behind: 'the store lost its newest versions: what is in force goes on being served for a moment, until they are back',
  damaged: 'an entry or a checkpoint is not what its digest says; it is not applied',
  untrusted: 'sign with a key of SLUICE_TRUSTED_KEYS, or add the key there; until then the version is not applied',
  'no-service': 'start a config service (apps/config-service) on this store',
  interrupted: 'see `admin history` for whether it was admitted',
  timeout: 'no answer in time; see `admin history` for whether it was admitted',
  undecided: 'see the log of the config service, and `admin history` for whether it was admitted',
  closed: 'the store was closed by this process',
} as const satisfies Record<string, string>;

export type StoreFaultCode = keyof typeof STORE_FAULTS;

export interface StoreFault extends Error {
  readonly code: StoreFaultCode;
}

/** Makes a fault; the message is one sentence in lower case with the offending value. */
export function storeFault(code: StoreFaultCode, message: string, cause?: unknown): StoreFault {
  const error = new Error(message, cause === undefined ? undefined : { cause });
  return Object.assign(error, { name: 'StoreFault', code });
}

export function isStoreFault(error: unknown): error is StoreFault {
  return error instanceof Error && error.name === 'StoreFault' && 'code' in error;
}
