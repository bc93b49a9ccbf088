import { parseResources } from '@sluice/resource';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Compiled, compile } from './compile.ts';
import { effect } from './effect.ts';
import { DEFAULT_LABELS } from './options.ts';

const test = suite('effect');

function plan(port: number, rules: string, workload = '10.0.0.1'): Compiled {
  const text = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: g }
spec: { selector: { istio: ingressgateway }, servers: [{ port: { number: ${port}, name: p, protocol: TCP }, hosts: ["*"] }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: r }
spec: { hosts: ["*"], gateways: [g], tcp: [${rules}] }
---
apiVersion: v1
kind: Service
metadata: { name: s }
spec: { selector: { app: s }, ports: [{ port: 80 }] }
---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: w, labels: { app: s } }
spec: { address: ${workload} }
`;
  const set = parseResources([{ path: 'test.yaml', text }]);
  assert.ok(set.ok, JSON.stringify(set.issues));
  return compile(set.resources, { labels: DEFAULT_LABELS });
}

const TO_S = '{ route: [{ destination: { host: s } }] }';
const NOTHING = { added: [], removed: [], changed: [] };

test('nothing, between equal plans', () => {
  assert.equal(effect(plan(1, TO_S), plan(1, TO_S)), {
    listeners: NOTHING,
    routes: NOTHING,
    clusters: NOTHING,
    authorization: NOTHING,
    tls: NOTHING,
    none: true,
  });
});

test('an endpoint changes its cluster only', () => {
  const found = effect(plan(1, TO_S), plan(1, TO_S, '10.0.0.2'));
  assert.equal(found.clusters.changed, ['outbound|80||s.default.svc.cluster.local']);
  assert.equal([found.listeners, found.routes], [NOTHING, NOTHING]);
  assert.is(found.none, false);
});

test('another port is a listener that goes and one that comes', () => {
  const found = effect(plan(1, TO_S), plan(2, TO_S));
  assert.equal(found.listeners, { added: ['0.0.0.0_2'], removed: ['0.0.0.0_1'], changed: [] });
  assert.equal(found.routes.added, ['0.0.0.0_2 default/r/tcp[0]']);
});

test('a new first rule is a route that comes', () => {
  const before = plan(1, TO_S);
  const after = plan(1, `{ match: [{ sourceSubnet: 10.0.0.0/8 }], route: [{ destination: { host: t } }] }, ${TO_S}`);
  const found = effect(before, after);
  assert.equal(found.routes, {
    added: ['0.0.0.0_1 default/r/tcp[1]'],
    removed: [],
    changed: ['0.0.0.0_1 default/r/tcp[0]'],
  });
  assert.equal(found.clusters.added, ['outbound|1||t.default.svc.cluster.local']);
});

test('rules that change places are changed', () => {
  const one = '{ match: [{ sourceSubnet: 10.0.0.0/8 }], route: [{ destination: { host: t } }] }';
  const other = '{ match: [{ sourceSubnet: 10.0.0.0/16 }], route: [{ destination: { host: u } }] }';
  const found = effect(plan(1, `${one}, ${other}`), plan(1, `${other}, ${one}`));
  assert.is(found.routes.changed.length, 2);
});

test.run();
