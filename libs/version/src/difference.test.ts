import type { Resource } from '@sluice/resource';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { differenceOf } from './difference.ts';
import { workload } from './sample-resource.test-kit.ts';
import { EMPTY_STATE, type State, stepState } from './state.ts';

const test = suite('difference');

const base = { kind: 'publish', author: 'a', message: '', timeMs: 0, submission: 's', set: '' } as const;

test('added, removed and changed resources are told, with the fields that differ', () => {
  const put = [workload('a'), workload('b'), workload('c')];
  const before = stepState(EMPTY_STATE, { ...base, version: 1, change: { put, delete: [] } });
  const after = stepState(before, {
    ...base,
    version: 2,
    change: {
      put: [workload('b', '10.0.0.2', { x: 'y' }), workload('d'), workload('c')],
      delete: ['WorkloadEntry/default/a'],
    },
  });
  assert.equal(differenceOf(before, after), {
    added: ['WorkloadEntry/default/d'],
    removed: ['WorkloadEntry/default/a'],
    changed: [
      {
        key: 'WorkloadEntry/default/b',
        fields: [
          { path: 'metadata.labels.x', before: undefined, after: 'y' },
          { path: 'spec.address', before: '10.0.0.1', after: '10.0.0.2' },
        ],
      },
    ],
  });
});

test('of a Secret it is told what changed, not what it is', () => {
  const secret = (key: string): Resource => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's', namespace: 'istio-system', labels: {}, annotations: {} },
    spec: { type: 'Opaque', data: { cert: 'AAAA', key: Buffer.from(key).toString('base64') } },
  });
  const step = (from: State, version: number, key: string) =>
    stepState(from, { ...base, version, change: { put: [secret(key)], delete: [] } });
  const before = step(EMPTY_STATE, 1, 'one');
  assert.equal(differenceOf(before, step(before, 2, 'three')).changed, [
    {
      key: 'Secret/istio-system/s',
      fields: [{ path: 'spec.data.key', before: '(secret, 3 bytes)', after: '(secret, 5 bytes)' }],
    },
  ]);
});

test.run();
