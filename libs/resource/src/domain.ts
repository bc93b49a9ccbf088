// Names and addresses as Istio checks them (its packages labels, validation/agent): each function tells what is wrong in
// Istio's words, or undefined if nothing is.
import ipaddr from 'ipaddr.js';

const LABEL = '[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?';
const DNS_LABEL = new RegExp(`^${LABEL}$`);
const WILDCARD_LABEL = new RegExp(`^(?:\\*|(?:\\*|\\*-)?${LABEL})$`);
const QUALIFIED = '(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_KEY = new RegExp(`^(${LABEL}(?:\\.${LABEL})*/)?(${QUALIFIED})$`);
const LABEL_VALUE = new RegExp(`^(?:${QUALIFIED})?$`);
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.|$)){4}$/;
const ALL_DIGITS = /^[-+]?\d+$/;

const MAX_NAME = 255;
const MAX_LABEL = 63;
const MAX_LABEL_PREFIX = 253;
const MAX_LABEL_KEY = MAX_LABEL_PREFIX + 1 + MAX_LABEL;

export type Problem = string | undefined;

/** A DNS label in Istio's sense: upper case is allowed. */
export function isDnsLabel(text: string): boolean {
  return text.length <= MAX_LABEL && DNS_LABEL.test(text);
}

function isWildcardLabel(text: string): boolean {
  return text.length <= MAX_LABEL && WILDCARD_LABEL.test(text);
}

function lengthProblem(name: string): Problem {
  if (name.length > MAX_NAME) return `domain name ${JSON.stringify(name.slice(0, MAX_NAME))}... too long (max 255)`;
  return name === '' ? 'empty domain name not allowed' : undefined;
}

function labelsProblem(domain: string): Problem {
  const labels = domain.split('.');
  const top = labels.at(-1)!;
  if (ALL_DIGITS.test(top)) {
    return `domain name ${JSON.stringify(domain)} invalid (top level domain ${JSON.stringify(top)} cannot be all-numeric)`;
  }
  for (const [i, label] of labels.entries()) {
    if (i === labels.length - 1 && label === '') return undefined;
    if (!isDnsLabel(label)) return labelProblem(domain, label);
  }
  return undefined;
}

const labelProblem = (domain: string, label: string) =>
  `domain name ${JSON.stringify(domain)} invalid (label ${JSON.stringify(label)} invalid)`;

/** A name without wildcards. */
export function fqdnProblem(name: string): Problem {
  return lengthProblem(name) ?? labelsProblem(name);
}

/** A name whose first label may be or begin with a wildcard. */
export function wildcardDomainProblem(name: string): Problem {
  const tooLong = lengthProblem(name);
  if (tooLong !== undefined) return tooLong;
  const dot = name.indexOf('.');
  const first = dot < 0 ? name : name.slice(0, dot);
  if (!isWildcardLabel(first)) return labelProblem(name, first);
  return dot < 0 ? undefined : labelsProblem(name.slice(dot + 1));
}

/** As `wildcardDomainProblem`; where SNI routes, also the names that AUTO_PASSTHROUGH makes: `outbound_.80_.v1_.host`. */
export function gatewayDomainProblem(name: string, sni: boolean): Problem {
  if (sni && name.startsWith('outbound_.')) {
    return lengthProblem(name) ?? (/outbound_.([0-8].*).*/.test(name) ? undefined : labelProblem(name, 'outbound_'));
  }
  return wildcardDomainProblem(name);
}

/** `*foo.com` and `*-x.com`, which Envoy's servers cannot match by. */
export function partialWildcardProblem(host: string): Problem {
  return host.includes('*') && host.length !== 1 && !host.startsWith('*.')
    ? `partial wildcard ${JSON.stringify(host)} not allowed`
    : undefined;
}

/** IPv4 in four decimal parts without leading zeros, or IPv6, with or without a zone. */
export function isIp(text: string): boolean {
  return text.includes(':') ? ipaddr.IPv6.isValid(text) : IPV4.test(text) && !text.endsWith('.');
}

export function ipProblem(text: string): Problem {
  return isIp(text) ? undefined : `${text} is not a valid IP`;
}

/** `address/bits`; bits within the address's range, without sign or leading zero. */
export function isCidr(text: string): boolean {
  const slash = text.indexOf('/');
  const [address, bits] = [text.slice(0, slash), text.slice(slash + 1)];
  if (slash < 0 || !/^(?:0|[1-9]\d{0,2})$/.test(bits) || address.includes('%') || !isIp(address)) return false;
  return Number(bits) <= (address.includes(':') ? 128 : 32);
}

/** A CIDR block or a bare address. */
export function subnetProblem(text: string): Problem {
  if (text.split('/').length !== 2) return ipProblem(text);
  return isCidr(text) ? undefined : `${text} is not a valid CIDR block`;
}

export function portProblem(port: number): Problem {
  return port >= 1 && port <= 65535 ? undefined : `port number ${port} must be in the range 1..65535`;
}

/** What follows `unix://`: an absolute path of a file, or `@` and an abstract name. */
export function unixAddressProblem(path: string): Problem {
  if (path === '') return 'unix address must not be empty';
  if (path.startsWith('@')) return undefined;
  return path.startsWith('/') && !path.endsWith('/') ? undefined : `${path} is not an absolute path to a file`;
}

/** A Kubernetes label. */
export function labelEntryProblem(key: string, value: string): Problem {
  if (key.length > MAX_LABEL_KEY) return `invalid tag key: ${JSON.stringify(key.slice(0, MAX_LABEL))}... (too long)`;
  const parts = LABEL_KEY.exec(key);
  if (parts === null) return `invalid tag key: ${JSON.stringify(key)}`;
  if ((parts[1]?.length ?? 0) - 1 > MAX_LABEL_PREFIX)
    return `invalid tag key: ${JSON.stringify(key)} (DNS prefix is too long)`;
  if (parts[2]!.length > MAX_LABEL) return `invalid tag key: ${JSON.stringify(key)} (name is too long)`;
  return LABEL_VALUE.test(value) ? undefined : `invalid tag value: ${JSON.stringify(value)}`;
}
