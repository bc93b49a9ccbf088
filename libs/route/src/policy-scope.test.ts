import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { EdgeGateway } from './model.ts';
import { settingOf } from './options.ts';
import { indexGateways, policyScope } from './policy-scope.ts';

const test = suite('policy scope');

const setting = settingOf({ labels: { istio: 'ingressgateway' } });
const gateway = (name: string, namespace: string): EdgeGateway => ({
  key: `KubernetesGateway/${namespace}/${name}`,
  id: `${namespace}/${name}`,
  reference: `${namespace}/${name}`,
  namespace,
  servers: [],
});
const index = indexGateways([gateway('a', 'team'), gateway('b', 'team'), gateway('c', 'other')]);
const scopeOf = (name: string, spec: object) => {
  const metadata = { name, namespace: 'team', labels: {}, annotations: {} };
  const policy = { apiVersion: 'security.istio.io/v1' as const, kind: 'AuthorizationPolicy' as const, metadata, spec };
  const scope = policyScope(policy, index, setting, () => {});
  return scope === undefined || scope === 'everywhere' ? [] : scope.gateways;
};
const idsOf = (scope: ReturnType<typeof scopeOf>) => scope.flat().map(({ id }) => id);

/** Thousands of policies may hold on the same thousands of gateways. */
test('policies that hold on the same gateways share the list of them', () => {
  const selector = { matchLabels: { istio: 'ingressgateway' } };
  const [one, other] = [scopeOf('p', { selector }), scopeOf('q', { selector })];
  assert.equal(idsOf(one), ['team/a', 'team/b']);
  assert.is(one[0], other[0]);
  const targetRefs = ['a', 'gone', 'a', 'b'].map((name) => ({
    group: 'gateway.networking.k8s.io',
    kind: 'Gateway',
    name,
  }));
  const [targeted, again] = [scopeOf('p', { targetRefs }), scopeOf('q', { targetRefs })];
  assert.equal(idsOf(targeted), ['team/a', 'team/b']);
  assert.is(targeted[1], again[1]);
});

test.run();
