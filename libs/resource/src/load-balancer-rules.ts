// Rules of load balancing (istio/istio pkg/config/validation: validateLoadBalancer, ValidateLocalityLbSetting).
import type { FieldPath } from './field-path.ts';
import type { Report } from './issue.ts';
import { checkDuration, checkOneOf } from './shared-rules.ts';
import type { LoadBalancer } from './traffic-policy.ts';

/** Envoy's bound for Maglev tables, itself not allowed. */
const MAGLEV_LIMIT = 5_000_011n;

type Hash = NonNullable<LoadBalancer['consistentHash']>;
type Cookie = NonNullable<Hash['httpCookie']>;
type Locality = NonNullable<LoadBalancer['localityLbSetting']>;

export function checkLoadBalancer(
  settings: LoadBalancer | undefined,
  hasOutlierDetection: boolean,
  at: FieldPath,
  report: Report,
): void {
  if (settings === undefined) return;
  checkOneOf(report, at, settings, ['simple', 'consistentHash']);
  if (settings.consistentHash !== undefined) checkHash(settings.consistentHash, `${at}.consistentHash`, report);
  const { localityLbSetting: locality, zoneAwareLbSetting: zones, warmup } = settings;
  if (locality !== undefined && zones !== undefined) {
    report('SLU2057', at, 'only one of localityLbSetting or zoneAwareLbSetting can be set');
  }
  if (locality !== undefined) checkLocality(locality, hasOutlierDetection, `${at}.localityLbSetting`, report);
  if (zones !== undefined) checkFailover(zones, hasOutlierDetection, `${at}.zoneAwareLbSetting`, report);
  checkDuration(report, `${at}.warmupDurationSecs`, settings.warmupDurationSecs);
  checkDuration(report, `${at}.warmup.duration`, warmup?.duration);
}

function checkHash(hash: Hash, at: FieldPath, report: Report): void {
  checkOneOf(report, at, hash, ['httpHeaderName', 'httpCookie', 'useSourceIp', 'httpQueryParameterName']);
  checkOneOf(report, at, hash, ['ringHash', 'maglev']);
  if (hash.httpCookie !== undefined) checkCookie(hash.httpCookie, `${at}.httpCookie`, report);
  if (BigInt(hash.minimumRingSize ?? 0) !== 0n) {
    const instead = "use ConsistentHashLB's RingHash configuration instead";
    report('SLU2056', `${at}.minimumRingSize`, `consistent hash MinimumRingSize is deprecated, ${instead}`);
    if (hash.ringHash !== undefined || hash.maglev !== undefined) {
      report('SLU2052', `${at}.minimumRingSize`, 'only one of MinimumRingSize or Maglev/Ringhash can be specified');
    }
  }
  if (hash.maglev === undefined) return;
  const size = BigInt(hash.maglev.tableSize ?? 0);
  const refuse = (what: string) => report('SLU2052', `${at}.maglev.tableSize`, `tableSize must be ${what} for maglev`);
  if (size === 0n) refuse('set');
  if (size >= MAGLEV_LIMIT) refuse('less than 5000011');
  else if (!isPrime(Number(size))) refuse('a prime number');
}

function checkCookie({ name, attributes = [] }: Cookie, at: FieldPath, report: Report): void {
  if (name === '') report('SLU2052', `${at}.name`, 'name required for HttpCookie');
  const names = new Set<string>();
  for (const [i, attribute] of attributes.entries()) {
    const path = `${at}.attributes[${i}].name`;
    const key = attribute.name ?? '';
    if (key === '') report('SLU2052', path, 'name required for an attribute of HttpCookie');
    else if (names.has(key)) report('SLU2052', path, `duplicate attribute name of HttpCookie: ${key}`);
    names.add(key);
  }
}

function isPrime(number: number): boolean {
  if (number < 2 || (number > 2 && number % 2 === 0)) return number === 1;
  for (let factor = 3; factor * factor <= number; factor += 2) if (number % factor === 0) return false;
  return true;
}

function checkLocality(locality: Locality, hasOutlierDetection: boolean, at: FieldPath, report: Report): void {
  const { distribute = [], failover = [], failoverPriority = [] } = locality;
  const refuse = (message: string, path = at) => report('SLU2057', path, message);
  if (distribute.length > 0 && failover.length > 0) {
    refuse("can not simultaneously specify 'distribute' and 'failover'");
    return;
  }
  const topology = failoverPriority.find((label) => TOPOLOGY.has(label));
  if (failover.length > 0 && topology !== undefined) {
    refuse(`can not simultaneously set 'failover' and topology label '${topology}' in 'failover_priority'`);
    return;
  }
  for (const [i, { to = {} }] of distribute.entries()) {
    const path = `${at}.distribute[${i}].to`;
    const weights = Object.values(to);
    if (weights.some((weight) => weight <= 0 || weight > 100)) {
      refuse('locality weight must be in range [1, 100]', path);
      return;
    }
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    if (total !== 100) {
      refuse(`total locality weight ${total} != 100`, path);
      return;
    }
    checkLocalities(Object.keys(to), path, report);
  }
  checkLocalities(
    distribute.map(({ from = '' }) => from),
    `${at}.distribute`,
    report,
  );
  checkFailover(locality, hasOutlierDetection, at, report);
}

const TOPOLOGY = new Set(['topology.kubernetes.io/region', 'topology.kubernetes.io/zone', 'topology.istio.io/subzone']);

interface Failover {
  readonly failover?: readonly { readonly from?: string | undefined; readonly to?: string | undefined }[] | undefined;
  readonly failoverPriority?: readonly string[] | undefined;
}

function checkFailover(settings: Failover, hasOutlierDetection: boolean, at: FieldPath, report: Report): void {
  const { failover = [], failoverPriority = [] } = settings;
  if (failover.length + failoverPriority.length > 0 && !hasOutlierDetection) {
    report('SLU2058', at, 'outlier detection policy must be provided for failover');
  }
  for (const [i, { from = '', to = '' }] of failover.entries()) {
    const path = `${at}.failover[${i}]`;
    if (from === to) report('SLU2057', path, 'locality lb failover settings must specify different regions');
    if (`${from}${to}`.includes('/')) report('SLU2057', path, 'locality lb failover only specify region');
    if (`${from}${to}`.includes('*')) {
      report('SLU2057', path, "locality lb failover region should not contain '*' wildcard");
    }
  }
}

/** `region/zone/subzone`, each part optional from the right; none may cover another. Reports the first that is wrong. */
function checkLocalities(localities: readonly string[], at: FieldPath, report: Report): void {
  const seen = new Set<string>();
  const ancestors = new Set<string>();
  for (const locality of localities) {
    const stars = locality.split('*').length - 1;
    if (stars > 1 || (stars === 1 && !locality.endsWith('*'))) {
      const message = `locality ${locality} wildcard '*' number can not exceed 1 and must be in the end`;
      report('SLU2057', at, message);
      return;
    }
    const parts = locality.split('/', 3);
    if (parts.includes('')) {
      report('SLU2057', at, `locality ${locality} must not contain empty region/zone/subzone info`);
      return;
    }
    // A trailing wildcard stands for everything below what precedes it.
    const named = parts.at(-1) === '*' ? parts.slice(0, -1) : parts;
    const above = named.map((_, i) => named.slice(0, i).join('/'));
    const key = named.join('/');
    if (seen.has(key) || ancestors.has(key) || above.some((name) => seen.has(name))) {
      report('SLU2057', at, `locality ${locality} overlap with previous specified ones`);
      return;
    }
    seen.add(key);
    for (const name of above) ancestors.add(name);
  }
}
