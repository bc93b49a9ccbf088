import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { matchConditions } from './conditions.ts';
import type { RouteMatch } from './model.ts';
import { indexWorkloads } from './workload.ts';

const test = suite('conditions');

const workload = (name: string, address: string, labels: Record<string, string>) => ({
  apiVersion: 'networking.istio.io/v1' as const,
  kind: 'WorkloadEntry' as const,
  metadata: { name, namespace: 'default', labels: {}, annotations: {} },
  spec: { address, labels },
});
const workloads = indexWorkloads([
  workload('a', '10.0.0.1', { app: 'a', tier: 'x' }),
  workload('b', '10.0.0.2', { app: 'b', tier: 'x' }),
]);
const cidrsOf = (match: Partial<RouteMatch>) => {
  const [condition] = matchConditions({ path: '', names: [], ...match }, workloads) ?? [];
  return condition !== undefined && 'cidrs' in condition ? condition.cidrs : undefined;
};

test('rules that ask for the same workloads share one list of their addresses', () => {
  const all = cidrsOf({ sourceNamespace: 'default' });
  assert.equal(all, ['10.0.0.1', '10.0.0.2']);
  assert.is(cidrsOf({ sourceNamespace: 'default' }), all);
  assert.is(cidrsOf({ sourceLabels: { tier: 'x', app: 'a' } }), cidrsOf({ sourceLabels: { app: 'a', tier: 'x' } }));
});

test('rules that ask for others get others', () => {
  assert.equal(cidrsOf({ sourceLabels: { app: 'a' } }), ['10.0.0.1']);
  assert.equal(cidrsOf({ sourceLabels: { app: 'b' } }), ['10.0.0.2']);
  assert.is(cidrsOf({ sourceNamespace: 'other', sourceLabels: { app: 'b' } }), undefined);
});

test.run();
