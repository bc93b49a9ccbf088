// Codes SLU3xxx: rules across resources that Istio's analyzers do not number, and what Istio drops in silence.
import type { CodeRow } from './codes.ts';

export const MERGE_CODES = {
  SLU3001: {
    level: 'warning',
    title: 'a port is taken by another server',
    solve: 'give the server another port or bind address; the Gateway that came first keeps it',
  },
  SLU3002: {
    level: 'warning',
    title: 'a host is served twice on one port',
    solve: 'keep the host in one server; the Gateway that came first keeps it',
  },
  SLU3003: {
    level: 'warning',
    title: 'a server name is routed twice on one port',
    solve: 'keep the SNI host in one rule; the one that came first keeps it',
  },
  SLU3004: {
    level: 'warning',
    title: 'a route is shadowed',
    solve: 'narrow the route that takes everything, or remove this one',
  },
  SLU3005: {
    level: 'warning',
    title: 'part of a DestinationRule is not used',
    solve: 'merge the DestinationRules of one host; the one that came first wins',
  },
  SLU3006: {
    level: 'notice',
    title: 'a server has no route and opens no listener',
    solve: 'publish a VirtualService bound to the Gateway with a fitting host and port',
  },
  SLU3007: {
    level: 'warning',
    title: 'an HTTP server opens no listener',
    solve: 'use protocol TCP with tcp rules, or TLS with mode PASSTHROUGH and tls rules',
  },
  SLU3008: {
    level: 'warning',
    title: 'a server whose TLS Sluice does not end opens no listener',
    solve:
      'use mode SIMPLE, MUTUAL or OPTIONAL_MUTUAL of a Gateway of Istio to ask clients for certificates, or PASSTHROUGH with tls rules',
  },
  SLU3009: { level: 'warning', title: 'a UDP server opens no listener', solve: 'use protocol TCP' },
  SLU3010: {
    level: 'error',
    title: 'the annotation sluice.io/alpn cannot be read',
    solve: 'write h2,http/1.1 or tls[0]=h2; tls[1].match[0]=http/1.1',
  },
  SLU3011: {
    level: 'notice',
    title: 'a condition is followed that Istio ignores at a gateway',
    solve: 'nothing, if that is wanted',
  },
  SLU3012: {
    level: 'warning',
    title: 'a source condition fits no workload',
    solve: 'publish WorkloadEntries with these labels in this namespace, or correct the condition',
  },
  SLU3013: { level: 'warning', title: 'http rules are not followed', solve: 'use tcp or tls rules' },
  SLU3014: {
    level: 'warning',
    title: 'a route fits no server',
    solve:
      'tcp rules need a TCP server or one that ends TLS, tls rules a TLS server with mode PASSTHROUGH, with the port and an overlapping host',
  },
  SLU3015: {
    level: 'warning',
    title: 'a VirtualService is not exported to the acceptor',
    solve: 'add the namespace of the acceptor to exportTo',
  },
  SLU3016: {
    level: 'warning',
    title: 'a destination is not exported to the acceptor',
    solve: 'add the namespace of the acceptor to exportTo of the service',
  },
  SLU3017: {
    level: 'warning',
    title: 'TLS towards endpoints is not made',
    solve: 'remove trafficPolicy.tls, or let the client speak TLS to the endpoint',
  },
  SLU3018: {
    level: 'warning',
    title: 'a cluster leads to the original destination',
    solve: 'use resolution STATIC or DNS with endpoints, and another load balancer than PASSTHROUGH',
  },
  SLU3019: { level: 'warning', title: 'a hash key does not exist on TCP', solve: 'use consistentHash.useSourceIp' },
  SLU3020: { level: 'error', title: 'action CUSTOM is not supported', solve: 'use ALLOW, DENY or AUDIT' },
  SLU3021: {
    level: 'warning',
    title: 'an ALLOW rule is dropped',
    solve: 'use only attributes that a TCP connection has',
  },
  SLU3022: {
    level: 'warning',
    title: 'a DENY rule is wider than written',
    solve: 'use only attributes that a TCP connection has',
  },
  SLU3023: {
    level: 'notice',
    title: 'a policy does not hold on this acceptor',
    solve: 'correct its namespace, selector or target, if it should',
  },
  SLU3024: {
    level: 'notice',
    title: 'a policy holds where Istio would not apply it',
    solve: 'move it to the root namespace to have the same in Istio',
  },
  SLU3025: {
    level: 'warning',
    title: 'an identity condition never matches',
    solve: 'use ipBlocks: connections have no identity without mutual TLS',
  },
  SLU3026: {
    level: 'error',
    title: 'a policy rule has too many combinations, or all policies together have',
    solve: 'write values of one field as one list, in one `from` or `to`, instead of an entry for each',
  },
  SLU3027: {
    level: 'warning',
    title: 'a route of the Gateway API is not accepted',
    solve: 'correct parentRefs, or let the listener allow the route',
  },
  SLU3028: {
    level: 'warning',
    title: 'a backend of the Gateway API is refused',
    solve: 'refer to a Service, and publish a ReferenceGrant in its namespace',
  },
  SLU3029: { level: 'warning', title: 'a server name cannot be served', solve: 'use an exact name, *.suffix or *' },
  SLU3030: { level: 'error', title: 'a route has too many destinations', solve: 'split the route' },
  SLU3031: {
    level: 'warning',
    title: 'a subset is in no DestinationRule that is followed',
    solve:
      'export the DestinationRule to the namespace of the acceptor, and keep it beside the service or in the root namespace',
  },
  SLU3032: {
    level: 'warning',
    title: 'a policy asks for server names where there are none',
    solve: 'name the TLS ports in the rule, or use ipBlocks: on plain TCP ports no ClientHello is looked at',
  },
  SLU3033: {
    level: 'warning',
    title: 'a destination has no TCP port',
    solve: 'list a TCP port in the Service or ServiceEntry, and name it where there are several',
  },
  SLU3034: {
    level: 'warning',
    title: 'a server refuses every TLS handshake',
    solve:
      'publish the Secret it names, with certificate, key and (for MUTUAL) the client CA: for a Gateway of Istio in namespace istio-system, for one of the Gateway API in its own, or with a ReferenceGrant',
  },
  SLU3035: {
    level: 'notice',
    title: 'rules for the mesh only',
    solve: 'name a Gateway in spec.gateways (or in the match), if the rules are meant for the edge',
  },
  SLU3036: {
    level: 'notice',
    title: 'a host is defined in several namespaces',
    solve: 'give each its own host, or export only one of them to the namespace of the acceptor',
  },
  SLU3037: {
    level: 'error',
    title: 'there is too much to match',
    solve:
      'name one listener in parentRefs (sectionName), one port or gateway in each match, or split the set over several acceptors',
  },
  SLU3038: {
    level: 'error',
    title: 'sourceLabels ask for too many workloads',
    solve: 'give the matches a port and sourceNamespace, or use sourceSubnet for the network the workloads are in',
  },
  SLU3039: {
    level: 'error',
    title: 'there are too many endpoints to choose from',
    solve:
      'give each Service or ServiceEntry its own workloads (selector, workloadSelector), and routes only the ports and subsets they need',
  },
  SLU3040: {
    level: 'error',
    title: 'lists of resources multiply too far',
    solve: 'export to `*` or `.` instead of thousands of namespaces, and give ServiceEntries fewer hosts each',
  },
  SLU3041: {
    level: 'error',
    title: 'policies hold on too many ports',
    solve: 'put the rules of several policies into one, or split the set over several acceptors',
  },
} as const satisfies Record<string, CodeRow>;
