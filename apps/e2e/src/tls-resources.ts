// Resources of an edge port on which some names end TLS, in every mode, and one passes through.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pair } from '@sluice/testkit';

/** A Secret, of the acceptor's namespace if no other is given, with the pair and, where given, the clients' authority. */
export function secret(name: string, { cert, key }: Pair, authority?: string, namespace = 'istio-system'): string {
  const field = (path: string) => JSON.stringify(readFileSync(path, 'utf8'));
  const ca = authority === undefined ? '' : `\n  ca.crt: ${field(authority)}`;
  return `apiVersion: v1
kind: Secret
metadata: { name: ${name}, namespace: ${namespace} }
type: ${authority === undefined ? 'kubernetes.io/tls' : 'Opaque'}
stringData:
  tls.crt: ${field(cert)}
  tls.key: ${field(key)}${ca}
`;
}

export interface EdgeOf {
  readonly folder: string;
  /** Ports of endpoints on 127.0.0.1: one in plain TCP, one that speaks TLS itself. */
  readonly echo: number;
  readonly passed: number;
}

export function edge({ folder, echo, passed }: EdgeOf): string {
  const file = (name: string) => join(folder, name);
  const server = (name: string, tls: string) => `
  - port: { number: 8443, name: ${name}, protocol: TLS }
    hosts: [${name}.example.com]
    tls: { ${tls} }`;
  const files = `serverCertificate: ${file('file.crt')}, privateKey: ${file('file.key')}, caCertificates: ${file('authority.crt')}`;
  return `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: edge }
spec:
  selector: { istio: ingressgateway }
  servers:${server('one', 'mode: SIMPLE, credentialName: one')}${server('two', 'mode: SIMPLE, credentialName: two')}
${server('mutual', 'mode: MUTUAL, credentialName: mutual').slice(1)}${server('optional', 'mode: OPTIONAL_MUTUAL, credentialName: mutual')}
${server('file', `mode: MUTUAL, ${files}`).slice(1)}${server('passed', 'mode: PASSTHROUGH')}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: edge }
spec:
  hosts: ["*.example.com"]
  gateways: [edge]
  tcp:
  - route: [{ destination: { host: echo.test, port: { number: ${echo} } } }]
  tls:
  - match: [{ sniHosts: [passed.example.com] }]
    route: [{ destination: { host: passed.test, port: { number: ${passed} } } }]
---${entry('echo', echo)}---${entry('passed', passed)}`;
}

/** A listener of the Gateway API that ends TLS with a Secret beside it. */
export function listenerEdge(port: number, hostname: string, certificate: string, echo: number): string {
  return `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: listener-edge }
spec:
  gatewayClassName: sluice
  listeners:
  - name: tls
    port: ${port}
    protocol: TLS
    hostname: ${hostname}
    tls: { mode: Terminate, certificateRefs: [{ name: ${certificate} }] }
---
apiVersion: gateway.networking.k8s.io/v1alpha2
kind: TCPRoute
metadata: { name: listener-edge }
spec:
  parentRefs: [{ name: listener-edge }]
  rules:
  - backendRefs: [{ group: networking.istio.io, kind: Hostname, name: echo.test, port: ${echo} }]
`;
}

function entry(name: string, port: number): string {
  return `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${name} }
spec:
  hosts: [${name}.test]
  ports: [{ number: ${port}, name: tls, protocol: TLS }]
  resolution: STATIC
  endpoints: [{ address: 127.0.0.1 }]
`;
}
