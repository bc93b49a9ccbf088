// From what ioredis, TLS and Redis say to the closed list of store faults. Keeps nothing of a command's arguments: they may
// hold a password, or a whole state.
import { isStoreFault, type StoreFault, type StoreFaultCode, storeFault } from '../store-fault.ts';
import type { RedisAddress } from './address.ts';

/** First word of an error reply: https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors */
const BY_REPLY: Readonly<Record<string, StoreFaultCode>> = {
  NOAUTH: 'denied',
  WRONGPASS: 'denied',
  NOPERM: 'denied',
  READONLY: 'read-only',
  MISCONF: 'full',
};

/** Replies of a server that did nothing because another one is to be asked, or the same one a little later. */
const NOT_HERE = /^(MOVED|ASK|TRYAGAIN|CLUSTERDOWN|READONLY|LOADING|MASTERDOWN) /;

/** Redis 7.0 and 7.2 each say in their own words what a script may not do, without NOPERM. */
const SCRIPT_DENIED = /ACL failure in script|user executing the script can't/;

/** Codes of node:tls and OpenSSL for a certificate that is not trusted, not fitting, or missing. */
const CERTIFICATE =
  /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH)/;

/** What ioredis says where a connection broke, or was about to, and what that means. */
const BROKEN: readonly (readonly [RegExp, string])[] = [
  [/^Reached the max retries per request limit/, 'the connection broke before there was an answer'],
  [/^Stream isn't writeable/, 'no connection'],
  [/^Command timed out/, 'no answer in time'],
];

/** True where another try, elsewhere or later, is harmless and may well succeed: nothing was done. */
export function isNotHere(error: unknown): boolean {
  return error instanceof Error && NOT_HERE.test(error.message);
}

export function redisFault(error: unknown, address: Pick<RedisAddress, 'name' | 'user' | 'kind'>): StoreFault {
  if (isStoreFault(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  const word = message.slice(0, message.indexOf(' '));
  const { name, user, kind } = address;
  const say = (code: StoreFaultCode, text: string) => storeFault(code, `${name}: ${text}`);
  if (word === 'NOPERM' || SCRIPT_DENIED.test(message))
    return say('denied', deniedText(user, commandOf(error), message));
  if (word === 'WRONGPASS' || message.startsWith('ERR invalid password'))
    return say('denied', `user "${user}" was refused: no such user, or another password`);
  if (word === 'NOAUTH') return say('denied', 'a user and password are asked for, and none is given');
  if (word === 'READONLY') return say('read-only', 'it is a read-only replica, not the primary');
  if (word === 'WRONGTYPE')
    return say('damaged', `a key holds something of another type than Sluice puts there: ${commandOf(error)} fails`);
  if (word === 'OOM') return say('full', 'all the memory it may use (maxmemory) is in use');
  if (word === 'MOVED' && kind === 'single')
    return storeFault(
      'bad-url',
      `${name} is one node of a Redis Cluster, and another holds the keys: use redis+cluster://`,
    );
  if (kind === 'sentinel' && /invalid reply: null|No such master/.test(message))
    return storeFault('bad-url', `${name}: the Sentinels know no master of this name`);
  if (kind === 'sentinel' && /sentinel .*because (NOAUTH|WRONGPASS|NOPERM)/.test(message))
    return say('denied', 'the Sentinels want a password of their own, or another: SLUICE_STORE_SENTINEL_PASSWORD');
  if (message.includes('cluster support disabled'))
    return storeFault('bad-url', `${name}: this Redis is not in a cluster: use redis:// or redis+sentinel://`);
  if (CERTIFICATE.test(tlsCodeOf(error))) return say('certificate', tlsText(tlsCodeOf(error), message));
  const broken = BROKEN.find(([form]) => form.test(message))?.[1];
  return say(BY_REPLY[word] ?? 'away', broken ?? (message || 'no connection'));
}

/** ioredis hangs the command on the error of a reply. */
function commandOf(error: unknown): string {
  const { command } = error as { command?: { name?: unknown; args?: readonly unknown[] } };
  if (typeof command?.name !== 'string') return '';
  const [first] = command.args ?? [];
  // A script says in its first line what it does, BullMQ's in a long comment.
  const title = command.name === 'eval' ? /^\s*--(?:\[\[)?\s*(.*[^\s:])/.exec(String(first))?.[1] : undefined;
  return title === undefined ? command.name : `${command.name} (${title})`;
}

/** Redis 7.0 names the command ('config|get') except within a script, 7.2 there too; a key is named by neither. */
function deniedText(user: string, command: string, message: string): string {
  const named = /the '([a-z]+(?:\|[a-z-]+)?)' command/.exec(message)?.[1];
  const inScript = SCRIPT_DENIED.test(message);
  const what = inScript && named === undefined ? `what ${command || 'a script'} does` : (named ?? command);
  const where = inScript && named !== undefined ? ` in ${command}` : '';
  const keys = named === undefined && /\bkeys?\b/.test(message) ? ' with these keys' : '';
  return `user "${user}" may not run ${what || 'this command'}${where}${keys}`;
}

function tlsCodeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

function tlsText(code: string, message: string): string {
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG')
    return 'the server does not speak TLS on this port: use redis, not rediss, or its TLS port';
  if (/ALERT_CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE/.test(code))
    return 'the server asks for a client certificate, and none is given: set cert and key';
  if (/ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_|UNSUPPORTED_CERTIFICATE)/.test(code))
    return `the server does not take our client certificate (${code})`;
  return `the server's certificate is not trusted: ${message} (${code})`;
}
