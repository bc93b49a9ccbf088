import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { differenceOf } from './difference.ts';
import { workload } from './sample-resource.test-kit.ts';
import { EMPTY_STATE, stepState } from './state.ts';

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

test.run();
