import { parseResources } from '@sluice/resource';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from './compile.ts';
import { explain } from './explain.ts';
import { DEFAULT_LABELS } from './options.ts';

const test = suite('endpoints');

const EDGE = (destination: string) => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: g }
spec: { selector: { istio: ingressgateway }, servers: [{ port: { number: 7000, name: p, protocol: TCP }, hosts: ["*"] }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: r }
spec: { hosts: ["*"], gateways: [g], tcp: [{ route: [{ destination: ${destination} }] }] }
---
`;

function endpoints(destination: string, text: string): readonly string[] {
  const set = parseResources([{ path: 'test.yaml', text: EDGE(destination) + text }]);
  assert.ok(set.ok, JSON.stringify(set.issues));
  return explain(compile(set.resources, { labels: DEFAULT_LABELS }), { port: 7000 }).endpoints;
}

function told(destination: string, text: string): readonly string[] {
  const set = parseResources([{ path: 'test.yaml', text: EDGE(destination) + text }]);
  assert.ok(set.ok, JSON.stringify(set.issues));
  return compile(set.resources, { labels: DEFAULT_LABELS }).complaints.map(
    ({ code, resource, path }) => `${code} ${resource} ${path}`,
  );
}

const WORKLOAD = (name: string, spec: string, labels = 'app: a') => `
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: ${name}, labels: { ${labels} } }
spec: ${spec}
---
`;

const SERVICE = (spec: string) => `
apiVersion: v1
kind: Service
metadata: { name: s }
spec: ${spec}
---
`;

test('of a Service: workloads with its labels, at the target port', () => {
  const text =
    SERVICE('{ selector: { app: a }, ports: [{ port: 80, targetPort: 8080 }] }') +
    WORKLOAD('one', '{ address: 10.0.0.2 }') +
    WORKLOAD('two', '{ address: 10.0.0.1 }') +
    WORKLOAD('other', '{ address: 10.0.0.3 }', 'app: b');
  assert.equal(endpoints('{ host: s }', text), ['10.0.0.1:8080', '10.0.0.2:8080']);
});

test("of a Service: a named target port is the workload's own, and without one it is no endpoint", () => {
  const text =
    SERVICE('{ selector: { app: a }, ports: [{ port: 80, targetPort: web }] }') +
    WORKLOAD('one', '{ address: 10.0.0.1, ports: { web: 9090 } }') +
    WORKLOAD('two', '{ address: 10.0.0.2 }');
  assert.equal(endpoints('{ host: s }', text), ['10.0.0.1:9090']);
});

test("of a Service: a workload's port of the service port's name goes before the target number", () => {
  const text =
    SERVICE('{ selector: { app: a }, ports: [{ port: 80, name: tcp, targetPort: 8080 }] }') +
    WORKLOAD('one', '{ address: 10.0.0.1, ports: { tcp: 9090 } }');
  assert.equal(endpoints('{ host: s }', text), ['10.0.0.1:9090']);
});

test('of a Service without selector: its slices, ready ones only', () => {
  const text = `${SERVICE('{ ports: [{ port: 80, name: tcp }] }')}
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: s-1, labels: { kubernetes.io/service-name: s, version: v1 } }
addressType: IPv4
ports: [{ name: tcp, port: 8080 }, { name: other, port: 1 }]
endpoints:
- { addresses: [10.0.0.1], conditions: { ready: true } }
- { addresses: [10.0.0.2], conditions: { ready: false } }
- { addresses: [10.0.0.3] }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: s }
spec: { host: s, subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }] }
`;
  assert.equal(endpoints('{ host: s }', text), ['10.0.0.1:8080', '10.0.0.3:8080']);
  assert.equal(endpoints('{ host: s, subset: v1 }', text), ['10.0.0.1:8080', '10.0.0.3:8080']);
  assert.equal(endpoints('{ host: s, subset: v2 }', text), []);
});

test('of an ExternalName Service: the name itself', () => {
  const text = SERVICE('{ type: ExternalName, externalName: db.example.com, ports: [{ port: 80, name: tcp-db }] }');
  assert.equal(endpoints('{ host: s }', text), ['db.example.com:80']);
});

test('of an ExternalName Service without ports: the name at whatever port is asked for', () => {
  const text = SERVICE('{ type: ExternalName, externalName: DB.example.com }');
  assert.equal(endpoints('{ host: s }', text), ['db.example.com:7000'], "else the listener's own");
  assert.equal(endpoints('{ host: s, port: { number: 5432 } }', text), ['db.example.com:5432']);
  assert.equal(told('{ host: s, port: { number: 5432 } }', text), []);
});

test('tells of a host that takes no TCP connections there', () => {
  const none = ['SLU3033 VirtualService/default/r spec.tcp[0].route[0].destination'];
  const UDP = '{ port: 53, name: dns, protocol: UDP }';
  assert.equal(told('{ host: s }', SERVICE('{ clusterIP: None, selector: { app: a } }')), none);
  assert.equal(told('{ host: s }', SERVICE(`{ ports: [${UDP}] }`)), none);
  const both = SERVICE(`{ ports: [${UDP}, { port: 80, name: tcp }] }`);
  assert.equal(told('{ host: s, port: { number: 53 } }', both), none);
  assert.equal(told('{ host: s, port: { number: 80 } }', both), []);
  assert.equal(told('{ host: s, port: { number: 81 } }', both), [], 'the analysis tells of a port that is nowhere');
});

const ENTRY = (spec: string) => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: e }
spec: ${spec}
---
`;

test("of a STATIC ServiceEntry: inline endpoints, each at its own, the target or the port's number", () => {
  const text = ENTRY(`
  hosts: [db.example.com]
  addresses: [240.0.0.1]
  ports: [{ number: 5432, name: tcp-pg, protocol: TCP, targetPort: 15432 }]
  resolution: STATIC
  endpoints: [{ address: 10.0.0.2 }, { address: 10.0.0.1, ports: { tcp-pg: 9 } }, { address: "2001:DB8::1" }]`);
  assert.equal(endpoints('{ host: db.example.com }', text), ['10.0.0.1:9', '10.0.0.2:15432', '[2001:db8::1]:15432']);
});

test('of a ServiceEntry with a workloadSelector: workloads of its namespace', () => {
  const text =
    ENTRY(
      '{ hosts: [db.example.com], addresses: [240.0.0.1], ports: [{ number: 5432, name: tcp }], resolution: STATIC, workloadSelector: { labels: { app: a } } }',
    ) +
    WORKLOAD('one', '{ address: 10.0.0.1 }') +
    WORKLOAD('two', '{ address: 10.0.0.2, labels: { app: a } }', 'app: b');
  assert.equal(endpoints('{ host: db.example.com }', text), ['10.0.0.1:5432']);
});

test('of a DNS ServiceEntry: its endpoints, else its host', () => {
  const dns = (more: string) =>
    ENTRY(
      `{ hosts: [db.example.com], addresses: [240.0.0.1], ports: [{ number: 5432, name: tcp }], resolution: DNS${more} }`,
    );
  assert.equal(endpoints('{ host: db.example.com }', dns('')), ['db.example.com:5432']);
  assert.equal(endpoints('{ host: db.example.com }', dns(', endpoints: [{ address: real.example.net }]')), [
    'real.example.net:5432',
  ]);
});

test('of a unix socket: no port', () => {
  const text = ENTRY(
    '{ hosts: [db.example.com], addresses: [240.0.0.1], ports: [{ number: 5432, name: tcp }], resolution: STATIC, endpoints: [{ address: "unix:///run/Db.sock" }] }',
  );
  assert.equal(endpoints('{ host: db.example.com }', text), ['unix:///run/Db.sock']);
});

test('of a host with several ServiceEntries: all of their namespace; of another namespace none', () => {
  const entry = (name: string, namespace: string, address: string) => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${name}, namespace: ${namespace} }
spec: { hosts: [db.example.com], addresses: [240.0.0.1], ports: [{ number: 5432, name: tcp }], resolution: STATIC, endpoints: [{ address: ${address} }] }
---
`;
  const text = entry('a', 'one', '10.0.0.1') + entry('b', 'one', '10.0.0.2') + entry('c', 'two', '10.0.0.3');
  assert.equal(endpoints('{ host: db.example.com }', text), ['10.0.0.1:5432', '10.0.0.2:5432']);
});

test('of an unknown host, subset or port: none', () => {
  const text = SERVICE('{ selector: { app: a }, ports: [{ port: 80 }] }') + WORKLOAD('one', '{ address: 10.0.0.1 }');
  assert.equal(endpoints('{ host: gone }', text), []);
  assert.equal(endpoints('{ host: s, subset: gone }', text), []);
  assert.equal(endpoints('{ host: s, port: { number: 81 } }', text), []);
});

test('of two workloads at one address: each in its own subset, one endpoint together', () => {
  const text = `${SERVICE('{ selector: { app: a }, ports: [{ port: 80 }] }')}${WORKLOAD('one', '{ address: 10.0.0.1, weight: 2 }', 'app: a, version: v1')}${WORKLOAD('two', '{ address: 10.0.0.1 }', 'app: a, version: v2')}
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: s }
spec: { host: s, subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }] }
`;
  for (const subset of ['', ', subset: v1', ', subset: v2'])
    assert.equal(endpoints(`{ host: s${subset} }`, text), ['10.0.0.1:80']);
});

test('of a subset by place: the locality counts as a label', () => {
  const text = `${SERVICE('{ selector: { app: a }, ports: [{ port: 80 }] }')}${WORKLOAD('one', '{ address: 10.0.0.1, locality: eu/eu-1/rack7 }')}${WORKLOAD('two', '{ address: 10.0.0.2, locality: us/us-1 }')}
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: s }
spec: { host: s, subsets: [{ name: eu, labels: { topology.kubernetes.io/region: eu } }] }
`;
  assert.equal(endpoints('{ host: s, subset: eu }', text), ['10.0.0.1:80']);
});

test('an entry selects more workloads than a call takes arguments', () => {
  const text = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: e }
spec:
  hosts: [a.b]
  ports: [{ number: 80, name: p, protocol: TCP }]
  resolution: STATIC
  workloadSelector: { labels: { app: a } }
`;
  const set = parseResources([{ path: 'test.yaml', text: EDGE('{ host: a.b }') + text }]);
  const workloads = Array.from({ length: 150_000 }, (_, i) => ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'WorkloadEntry' as const,
    metadata: { name: `w${i}`, namespace: 'default', labels: { app: 'a' }, annotations: {} },
    spec: { address: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}` },
  }));
  const { plan } = compile([...set.resources, ...workloads], { labels: DEFAULT_LABELS });
  assert.is(plan.clusters[0]?.endpoints.length, workloads.length);
});

test.run();
