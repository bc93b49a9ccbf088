// Codes SLU2xxx: one resource breaks a rule that its schema cannot express (Istio: the admission webhook and the CRDs).
import type { CodeRow } from './codes.ts';

const error = (title: string, solve: string) => ({ level: 'error', title, solve }) as const;
const warning = (title: string, solve: string) => ({ level: 'warning', title, solve }) as const;

export const RULE_CODES = {
  // Fields of any kind.
  SLU2001: error('invalid port number', 'use a number from 1 to 65535'),
  SLU2002: error(
    'invalid host name',
    'use a DNS name of labels up to 63 characters; a wildcard only where the kind allows it, as the first label',
  ),
  SLU2003: error('invalid address', 'use an IP address, or where a subnet is asked for ADDRESS/BITS'),
  SLU2004: error('invalid duration', 'use at least 1ms, in whole milliseconds'),
  SLU2005: error('invalid label', 'follow the rules of Kubernetes for label keys and values'),
  SLU2006: error('unknown protocol', 'use a protocol the message names'),
  SLU2007: error('invalid name', 'use a DNS label: letters, digits and inner hyphens, at most 63 characters'),
  SLU2008: error('percentage out of range', 'use a number within the range the message names'),
  SLU2009: error('invalid exportTo', 'use `*` alone, `.`, or names of namespaces, each once'),
  SLU2010: error('invalid selector', 'use exact labels; an empty selector selects everything'),
  SLU2011: warning('a selector without labels', 'add labels, or leave the selector out'),
  SLU2012: error('fields that exclude each other', 'keep one of the fields the message names'),
  SLU2013: error('invalid Unix domain socket', 'use unix:///absolute/path or unix://@name; with it the port is 0'),
  SLU2014: error('a name or host stands twice', 'give each its own'),
  SLU2018: error('invalid gateway reference', 'use NAME, NAMESPACE/NAME or `mesh`'),
  SLU2019: error('invalid weights', 'use weights that are not negative, at least one above 0'),
  // Gateway.
  SLU2020: error('a gateway without servers', 'add a server'),
  SLU2021: error('hosts are missing or too many', 'name the hosts; `*` for all, where the kind allows it'),
  SLU2022: error(
    'server settings that do not fit the protocol',
    'use protocol TLS or HTTPS with tls settings, every other protocol without',
  ),
  SLU2023: error('TLS certificates do not fit the mode', 'give one source of certificates, and what the mode needs'),
  SLU2024: warning('certificates are ignored', 'remove the certificates, or use a mode that terminates TLS'),
  SLU2025: warning('TLS settings that are partly ignored', 'correct what the message names'),
  SLU2026: warning('httpsRedirect has no effect', 'remove it: only an http server redirects'),
  // VirtualService.
  SLU2030: error('a virtual service without routes', 'add tcp or tls routes'),
  SLU2031: error('a delegate with more than http routes', 'add hosts, or keep http only'),
  SLU2032: error('SNI outside the hosts', 'add the host to spec.hosts, or correct the SNI'),
  SLU2033: error('an incomplete tcp or tls route', 'add what the message names'),
  SLU2035: warning('a gateway reference in legacy form', 'write NAMESPACE/NAME'),
  SLU2036: warning('an address as SNI', 'use a DNS name: clients send no addresses as SNI'),
  SLU2037: error('wildcard host in the mesh', 'name the gateways, or narrow the host'),
  SLU2040: error('parts of an http route that exclude each other', 'keep one of them'),
  SLU2041: error('an invalid http match', 'correct what the message names'),
  SLU2042: error('an invalid http header', 'correct the name or value; a literal % is written %%'),
  SLU2043: error('an invalid http action', 'correct what the message names'),
  SLU2044: warning('an http setting that is deprecated or incomplete', 'correct what the message names'),
  // DestinationRule.
  SLU2050: error('an empty or contradictory traffic policy', 'add a setting, or remove the policy'),
  SLU2051: error('invalid connection pool', 'correct what the message names'),
  SLU2052: error('invalid load balancing', 'correct what the message names'),
  SLU2053: error('invalid outlier detection', 'correct what the message names'),
  SLU2054: error('invalid client TLS', 'give what the mode needs, from one source'),
  SLU2055: error('invalid tunnel', 'correct what the message names'),
  SLU2056: warning('a deprecated setting', 'use the setting the message names'),
  SLU2057: error('invalid locality settings', 'correct what the message names'),
  SLU2058: warning(
    'failover without outlier detection',
    'add outlierDetection: without it no endpoint counts as failed',
  ),
  // ServiceEntry and WorkloadEntry.
  SLU2060: error('endpoints and selector exclude each other, or are too many', 'keep one of the two, within the limit'),
  SLU2061: error('settings that do not fit the resolution', 'correct the resolution, or what the message names'),
  SLU2062: error('ports that do not fit', 'give each port its own name and number, and refer to those only'),
  SLU2063: warning('a TCP port without addresses', 'add spec.addresses: TCP carries no host to tell services apart by'),
  SLU2064: error(
    'invalid endpoint address',
    'use an IP address, a DNS name where the resolution is DNS, or a Unix domain socket',
  ),
  SLU2065: warning('an endpoint without address', 'add the address: Sluice has no gateway to another network'),
  SLU2066: warning('settings that are ignored or doubtful', 'correct what the message names'),
  // AuthorizationPolicy.
  SLU2070: error('the action does not fit', 'correct what the message names'),
  SLU2071: error('an empty or contradictory rule', 'correct what the message names'),
  SLU2072: error('an invalid condition', 'use a key and values the message allows'),
  SLU2073: warning('HTTP attributes alone in a DENY rule', 'name the ports: on TCP the rule denies everything'),
  SLU2074: error('an invalid target of a policy', 'use one selector, or targetRefs of the kinds the message names'),
  SLU2075: error('invalid dry-run annotation', 'use true or false, on AuthorizationPolicy with ALLOW or DENY'),
  // Sidecar.
  SLU2080: error('an invalid Sidecar', 'correct what the message names'),
  SLU2081: warning('a doubtful Sidecar', 'correct what the message names'),
  // WorkloadGroup.
  SLU2082: error('an invalid WorkloadGroup', 'correct what the message names'),
  // Other kinds that are not applied.
  SLU2083: error('invalid settings of a kind that is not applied', 'correct what the message names'),
  SLU2084: warning('doubtful settings of a kind that is not applied', 'correct what the message names'),
  // Kubernetes.
  SLU2090: error('an invalid Service, EndpointSlice or Secret', 'correct what the message names'),
  SLU2091: error('a TLS secret without certificate or key', 'add tls.crt and tls.key'),
  SLU2092: warning('a certificate without key, or a key without certificate', 'add the other of the two'),
  SLU2093: error('an invalid Gateway API resource', 'correct what the message names'),
  SLU2094: warning(
    'a certificate has expired, or will within 30 days',
    'renew it, and publish the Secret with the new one',
  ),
} as const satisfies Record<string, CodeRow>;
