import { parseResources } from '@sluice/resource';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from './compile.ts';
import { type ConnectionFacts, explain } from './explain.ts';
import { DEFAULT_LABELS } from './options.ts';

const test = suite('explain');

const SET = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: edge, namespace: infra }
spec:
  selector: { istio: ingressgateway }
  servers:
    - { port: { number: 7000, name: tcp, protocol: TCP }, hosts: ["*"] }
    - { port: { number: 7443, name: tls, protocol: TLS }, hosts: ["*"], tls: { mode: PASSTHROUGH } }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: a, namespace: infra }
spec:
  hosts: ["*"]
  gateways: [edge]
  tcp:
    - match: [{ sourceSubnet: 10.0.0.0/8 }]
      route: [{ destination: { host: hidden } }]
    - match: [{ destinationSubnets: [192.0.2.0/24] }]
      route: [{ destination: { host: hidden } }]
  tls:
    - match: [{ sniHosts: [a.example] }]
      route: [{ destination: { host: hidden } }]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: hidden, namespace: infra }
spec:
  hosts: [hidden.infra.svc.cluster.local]
  addresses: [240.0.0.1]
  exportTo: ["."]
  ports: [{ number: 9000, name: tcp, protocol: TCP }]
  resolution: STATIC
  endpoints: [{ address: 127.0.0.1 }]
`;

const set = parseResources([{ path: 'test.yaml', text: SET }]);
const compiled = compile(set.resources, { labels: DEFAULT_LABELS });
const why = (facts: ConnectionFacts) => explain(compiled, facts).why;

test('a condition on an address that was not given says so', () => {
  const steps = why({ port: 7000 });
  assert.ok(
    steps.includes('route infra/a/tcp[0] does not match: remote in 10.0.0.0/8 does not hold, as no source is given'),
  );
  assert.ok(
    steps.includes(
      'route infra/a/tcp[1] does not match: destination in 192.0.2.0/24 does not hold, as no destination is given',
    ),
  );
  assert.ok(
    why({ port: 7000, source: '11.0.0.1' }).includes(
      'route infra/a/tcp[0] does not match: remote in 10.0.0.0/8 does not hold',
    ),
  );
});

test('a cluster without endpoints says what is known to be the reason, of the route that was taken only', () => {
  const last = why({ port: 7000, source: '10.0.0.1' }).slice(-2);
  assert.match(last[0]!, 'has no endpoints: the session closes with UH');
  assert.match(last[1]!, /^SLU3016: host hidden\.infra\.svc\.cluster\.local is not exported to namespace istio-system/);
});

test('a server name is looked at where rules depend on it, and said to be passed over where none does', () => {
  assert.ok(why({ port: 7443, sni: 'a.example' }).includes('the first bytes are looked at: server name a.example'));
  assert.match(why({ port: 7000, sni: 'a.example' })[1]!, 'the first bytes are not looked at');
  assert.ok(why({ port: 7000 }).every((step) => !step.includes('first bytes')));
});

test.run();
