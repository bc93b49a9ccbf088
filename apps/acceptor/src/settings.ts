// All that an acceptor reads from its environment, in one place: variables in, settings or complaints out.
import { availableParallelism, hostname } from 'node:os';
import { isLevel } from '@sluice/observe';
import { trust } from '@sluice/session';
import { readTrustedKeys } from '@sluice/store';

export interface Settings {
  readonly store: string;
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Address of listeners whose server names none. */
  readonly bind: string;
  readonly workers: number;
  readonly engine: 'auto' | 'linux' | 'node';
  readonly adminHost: string;
  readonly adminPort: number;
  readonly stateDir: string;
  readonly drainMs: number;
  readonly logLevel: string;
  readonly backlog: number;
  readonly reusePort: boolean;
  readonly maxSessions: number;
  /** CIDRs whose connections begin with a PROXY header. */
  readonly proxyFrom: readonly string[];
  /** Public keys, of which one must have signed each version; '' = none need be signed. */
  readonly trustedKeys: string;
  /** Test hooks on the admin endpoint. */
  readonly faults: boolean;
}

export type SettingsResult =
  | { readonly ok: true; readonly value: Settings }
  | { readonly ok: false; readonly complaints: readonly string[] };

/** More threads than this cannot be right for one machine; it also bounds the shared regions. */
const maxWorkers = 64;

/** What the system holds before accept(2); net.core.somaxconn (4096 on Debian) caps it. */
const defaultBacklog = 4096;

/** Sessions at once: each takes two descriptors. 0 = as many as the descriptor limit allows. */
const defaultMaxSessions = 0;

type Variables = Readonly<Record<string, string | undefined>>;

export function readSettings(variables: Variables): SettingsResult {
  const complaints: string[] = [];
  const text = (name: string, fallback: string) => variables[name]?.trim() || fallback;
  const whole = (name: string, fallback: number, least: number, most: number) => {
    const given = text(name, String(fallback));
    const value = Number(given);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    complaints.push(`${name} must be a whole number from ${least} to ${most}, not "${given}"`);
    return fallback;
  };
  const oneOf = <T extends string>(name: string, fallback: T, choices: readonly T[]): T => {
    const given = text(name, fallback);
    if ((choices as readonly string[]).includes(given)) return given as T;
    complaints.push(`${name} must be one of ${choices.join(', ')}, not "${given}"`);
    return fallback;
  };
  const admin = hostPort(text('SLUICE_ADMIN', '127.0.0.1:15000'));
  if (admin === null) complaints.push(`SLUICE_ADMIN must be ADDRESS:PORT, not "${variables.SLUICE_ADMIN}"`);
  const labels = readLabels(text('SLUICE_LABELS', 'istio=ingressgateway'));
  if (labels === null) complaints.push(`SLUICE_LABELS must be key=value[,key=value], not "${variables.SLUICE_LABELS}"`);
  const logLevel = text('LOG_LEVEL', 'info');
  if (!isLevel(logLevel)) complaints.push(`LOG_LEVEL must be a pino level such as info or debug, not "${logLevel}"`);
  const proxyFrom = text('SLUICE_PROXY_FROM', '')
    .split(',')
    .map((cidr) => cidr.trim())
    .filter(Boolean);
  try {
    trust(proxyFrom);
  } catch {
    complaints.push(`SLUICE_PROXY_FROM must be CIDRs separated by commas, not "${variables.SLUICE_PROXY_FROM}"`);
  }
  const trustedKeys = text('SLUICE_TRUSTED_KEYS', '');
  const keys = trustedKeys === '' ? null : readTrustedKeys(trustedKeys);
  if (keys?.ok === false) complaints.push(`SLUICE_TRUSTED_KEYS: ${keys.message}`);
  const value: Settings = {
    store: text('SLUICE_STORE', 'redis://127.0.0.1:6379'),
    id: text('SLUICE_ACCEPTOR_ID', `${hostname()}-${process.pid}`),
    labels: labels ?? {},
    bind: text('SLUICE_BIND', '0.0.0.0'),
    workers: whole('SLUICE_WORKERS', Math.max(1, availableParallelism() - 1), 1, maxWorkers),
    engine: oneOf('SLUICE_ENGINE', 'auto', ['auto', 'linux', 'node']),
    adminHost: admin?.host ?? '',
    adminPort: admin?.port ?? 0,
    stateDir: text('SLUICE_STATE_DIR', './.sluice'),
    drainMs: whole('SLUICE_DRAIN_SECONDS', 30, 0, 86_400) * 1000,
    logLevel,
    backlog: whole('SLUICE_BACKLOG', defaultBacklog, 1, 65_535),
    reusePort: oneOf('SLUICE_REUSE_PORT', 'off', ['on', 'off']) === 'on',
    maxSessions: whole('SLUICE_MAX_SESSIONS', defaultMaxSessions, 0, 10_000_000),
    proxyFrom,
    trustedKeys,
    faults: oneOf('SLUICE_FAULTS', 'off', ['on', 'off']) === 'on',
  };
  return complaints.length === 0 ? { ok: true, value } : { ok: false, complaints };
}

/** `127.0.0.1:15000`, `[::1]:15000`, `localhost:0`. */
function hostPort(text: string): { host: string; port: number } | null {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text);
  if (match === null || Number(match[3]) > 65_535) return null;
  return { host: match[1] ?? match[2] ?? '', port: Number(match[3]) };
}

function readLabels(text: string): Record<string, string> | null {
  const labels: Record<string, string> = {};
  for (const pair of text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)) {
    const at = pair.indexOf('=');
    if (at <= 0) return null;
    labels[pair.slice(0, at).trim()] = pair.slice(at + 1).trim();
  }
  return labels;
}
