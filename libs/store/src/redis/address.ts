// From a store's URL to what a client needs. Says nothing to any server; a message of it never holds a password.
import type { RedisOptions } from 'ioredis';
import { type StoreFault, storeFault } from '../store-fault.ts';
import type { Node } from './cluster-layout.ts';
import { QuietSentinelConnector } from './sentinel-connector.ts';
import { slotOwnerConnector } from './slot-owner.ts';
import { readTls, TLS_PARAMETERS } from './tls.ts';

export interface RedisAddress {
  /** For people and logs: without user and password. */
  readonly name: string;
  /** Whose rights count. */
  readonly user: string;
  /** single: always the same server; the others find the primary anew for each connection. */
  readonly kind: 'single' | 'sentinel' | 'cluster';
  readonly options: RedisOptions;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** RFC 3986 section 3, with a list of hosts: the user's part ends at the last `@` before the path. */
const FORM =
  /^(?<scheme>rediss?)(?:\+(?<kind>sentinel|cluster))?:\/\/(?:(?<user>[^/?#@:]*)(?::(?<password>[^/?#]*))?@)?(?<hosts>[^/?#@]+)(?:\/(?<path>[^?#]*))?(?:\?(?<query>[^#]*))?$/;

const DEFAULT_PORT = { single: 6379, sentinel: 26379, cluster: 6379 } as const;

/**
 * `redis://[user:password@]host[:port][/db]`, `redis+sentinel://[user:password@]host[:port],.../MASTER[/db]`,
 * `redis+cluster://[user:password@]host[:port],...`; each with `rediss` for TLS, and then `?ca=&cert=&key=&servername=`.
 * Fails with `bad-url`, and with `certificate` where a file of TLS cannot be used.
 */
export function parseRedisUrl(text: string, environment: Environment = process.env): RedisAddress | StoreFault {
  const found = FORM.exec(text)?.groups;
  // Of a wrong URL nothing is shown: a password may be in any part of it.
  const wrong = (what: string) => storeFault('bad-url', `the store's URL ${what}`);
  if (found === undefined) return wrong('is not a URL of a Redis');
  const kind = (found.kind ?? 'single') as RedisAddress['kind'];
  const nodes = readNodes(found.hosts!, DEFAULT_PORT[kind]);
  if (nodes === null || (kind === 'single' && nodes.length > 1))
    return wrong(`has no ${kind === 'single' ? 'host and port' : 'list of hosts and ports'} that can be read`);
  // Most likely a password without its colon: it must not be shown as a user's name.
  if (found.user !== undefined && found.password === undefined)
    return wrong('has something before its @ that is not user:password, or :password');
  const place = readPath(kind, found.path ?? '');
  if (typeof place === 'string') return wrong(place);
  const parameters = new URLSearchParams(found.query ?? '');
  if ([...parameters.keys()].some((each) => !(TLS_PARAMETERS as readonly string[]).includes(each)))
    return wrong(`has a parameter other than ${TLS_PARAMETERS.join(', ')}`);
  const secure = found.scheme === 'rediss';
  if (!secure && parameters.size > 0) return wrong('has parameters, which are about TLS and need rediss, not redis');
  const tls = secure ? readTls(parameters, environment) : undefined;
  if (tls !== undefined && 'code' in tls) return tls;
  const username = decode(found.user ?? '');
  const password = decode(found.password ?? '');
  const hosts = nodes.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`).join(',');
  const scheme = `${found.scheme}${kind === 'single' ? '' : `+${kind}`}`;
  return {
    name: `${scheme}://${hosts}${place.master === '' ? '' : `/${place.master}`}${place.db === 0 ? '' : `/${place.db}`}`,
    user: username || 'default',
    kind,
    options: {
      ...(username === '' ? {} : { username }),
      ...(password === '' ? {} : { password }),
      ...(tls === undefined ? {} : { tls }),
      ...placeOptions(kind, nodes, place, environment),
      ...(kind === 'sentinel' && tls !== undefined ? { sentinelTLS: tls, enableTLSForSentinelMode: true } : {}),
    },
  };
}

interface Place {
  readonly master: string;
  readonly db: number;
}

function placeOptions(kind: RedisAddress['kind'], nodes: readonly Node[], place: Place, environment: Environment) {
  if (kind === 'single') return { ...nodes[0]!, db: place.db };
  if (kind === 'cluster') return { Connector: slotOwnerConnector(nodes) };
  const { SLUICE_STORE_SENTINEL_USER: sentinelUsername, SLUICE_STORE_SENTINEL_PASSWORD: sentinelPassword } =
    environment;
  return {
    Connector: QuietSentinelConnector,
    sentinels: nodes.map((node) => ({ ...node })),
    name: place.master,
    db: place.db,
    ...(sentinelUsername ? { sentinelUsername } : {}),
    ...(sentinelPassword ? { sentinelPassword } : {}),
  };
}

function readNodes(text: string, port: number): Node[] | null {
  const nodes: Node[] = [];
  for (const each of text.split(',')) {
    const found = /^(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<host>[^[\]:\s]+))(?::(?<port>\d{1,5}))?$/.exec(each.trim())?.groups;
    const given = found?.port === undefined ? port : Number(found.port);
    if (found === undefined || given < 1 || given > 65_535) return null;
    nodes.push({ host: found.v6 ?? found.host!, port: given });
  }
  return nodes;
}

/** What is wrong with it, as text that holds nothing of it. */
function readPath(kind: RedisAddress['kind'], path: string): Place | string {
  const parts = path.split('/');
  const master = kind === 'sentinel' ? decode(parts.shift()!) : '';
  if (path.includes('@')) return 'has a user or password in which / is not written as %2F';
  if (kind === 'sentinel' && master === '') return 'needs the name of the master after the hosts';
  const number = parts.join('/');
  const db = number === '' ? 0 : Number(number);
  if (!Number.isInteger(db) || db < 0) return 'has no number of a Redis database after its host';
  if (kind === 'cluster' && db !== 0) return 'has a database other than 0, and a Redis Cluster has no other';
  return { master, db };
}

/** A `%` that encodes nothing is meant as it stands. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
