import type { Resource } from '@sluice/resource';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { judgeFor } from './judge.ts';
import { EMPTY_STATE, type State, type Step, stepState } from './state.ts';

const test = suite('judge');

function step(state: State, ...put: Resource[]): State {
  const version = state.version + 1;
  const rest = { kind: 'publish', author: 'ann', message: '', timeMs: 1, submission: `s${version}`, set: '' } as const;
  return stepState(state, { ...rest, version, change: { put, delete: [] } } satisfies Step);
}

function route(name: string, gateway: string): Resource {
  return {
    ...{ apiVersion: 'networking.istio.io/v1', kind: 'VirtualService' as const },
    metadata: { name, namespace: 'default', labels: {}, annotations: {} },
    spec: { hosts: ['*'], gateways: [gateway], tcp: [{ route: [{ destination: { host: 'none.test' } }] }] },
  } as Resource;
}

function workload(name: string): Resource {
  const metadata = { name, namespace: 'default', labels: {}, annotations: {} };
  return { apiVersion: 'networking.istio.io/v1', kind: 'WorkloadEntry', metadata, spec: { address: '10.0.0.1' } };
}

test('it gives the same list where nothing else is said, and what a fresh judge says where it is', () => {
  const judge = judgeFor();
  const lonely = step(EMPTY_STATE, route('a', 'none'));
  const said = judge(lonely);
  assert.ok(said.length > 0);
  const same = step(lonely, workload('w'));
  assert.is(judge(same), said);
  const more = step(same, route('b', 'none'));
  assert.is.not(judge(more), said);
  assert.equal(judge(more), judgeFor()(more));
  const other = step(more, route('a', 'elsewhere'));
  assert.equal(judge(other), judgeFor()(other));
  assert.equal(judge(lonely), said);
});

test.run();
