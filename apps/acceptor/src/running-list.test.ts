import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Listed, RunningList } from './running-list.ts';

const test = suite('the list of running sessions');

test('it holds what a set would hold, whatever is added and removed in whichever order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(30)), (steps) => {
      const list = new RunningList<Listed>();
      const naive: Listed[] = [];
      for (const step of steps) {
        // An odd step removes one of those there are, the others add.
        const [removed] = step % 2 === 1 && naive.length > 0 ? naive.splice(step % naive.length, 1) : [];
        if (removed !== undefined) list.remove(removed);
        else {
          const added = { place: -1 };
          naive.push(added);
          list.add(added);
        }
        assert.is(list.size, naive.length);
        assert.equal(new Set(list.all()), new Set(naive));
      }
      assert.is(list.first(2).length, Math.min(2, naive.length));
    }),
  );
});

test('members may be removed while one goes through them', () => {
  const list = new RunningList<Listed>();
  for (let i = 0; i < 5; i++) list.add({ place: -1 });
  for (const member of list.all()) list.remove(member);
  assert.is(list.size, 0);
});

test.run();
