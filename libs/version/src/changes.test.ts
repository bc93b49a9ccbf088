import { keyOf, type Resource } from '@sluice/resource';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { changesBetween } from './changes.ts';
import { EMPTY_STATE, holdingOf, holdingsOf, type State, stateFrom, stepState } from './state.ts';

const test = suite('changes');

const service = (name: string, port: number): Resource => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'default', labels: {}, annotations: {} },
  spec: { ports: [{ port, name: 'tcp' }] },
});
const KEYS = Array.from({ length: 40 }, (_, i) => keyOf(service(`s${i}`, 80)));

const change = fc.record({
  put: fc.uniqueArray(fc.tuple(fc.nat(39), fc.constantFrom(80, 81)), { selector: ([at]) => at, maxLength: 5 }),
  gone: fc.uniqueArray(fc.nat(39), { maxLength: 3 }),
});

const steps = fc.array(change, { maxLength: 6 });

function after(state: State, { put, gone }: { put: [number, number][]; gone: number[] }): State {
  const names = new Set(put.map(([at]) => at));
  return stepState(state, {
    kind: 'publish',
    version: state.version + 1,
    change: {
      put: put.map(([at, port]) => service(`s${at}`, port)),
      delete: gone.filter((at) => !names.has(at)).map((at) => KEYS[at]!),
    },
    author: 'a',
    message: '',
    timeMs: 0,
    submission: `${state.version}`,
    set: '',
  });
}

/** Key, content and creation of all resources. */
function contents(state: State): Map<string, string> {
  return new Map(Array.from(holdingsOf(state), ({ key, digest, creation }) => [key, `${digest} ${creation}`]));
}

test('applied to the resources of the one, gives those of the other, whether they share anything or not', () => {
  fc.assert(
    fc.property(steps, steps, fc.boolean(), (a, b, isApart) => {
      const one = a.reduce(after, EMPTY_STATE);
      const other = b.reduce(after, isApart ? EMPTY_STATE : one);
      const apart = stateFrom(holdingsOf(other), other);
      for (const [from, to] of [
        [one, other],
        [other, one],
        [one, apart],
      ] as const) {
        const { put, delete: gone } = changesBetween(from, to);
        const found = contents(from);
        for (const key of gone) assert.ok(found.delete(key));
        for (const resource of put) {
          const { key, digest, creation } = holdingOf(to, keyOf(resource))!;
          assert.is.not(found.get(key), `${digest} ${creation}`);
          found.set(key, `${digest} ${creation}`);
        }
        assert.equal([...found].sort(), [...contents(to)].sort());
      }
    }),
    { numRuns: 200 },
  );
});

test.run();
