// `scripts/chaos` itself: a short run holds, and wrong usage is told.
import { join } from 'node:path';
import { findRedis, run, skip } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { root } from './system.ts';

const test = suite('scripts/chaos');
const chaos = (...args: string[]) => run(join(root, 'scripts/chaos'), { args, cwd: root });

const name = 'a few seconds of accidents hold, and tell the seed that brings them back';
if (findRedis() === null) skip(test, name, 'no redis-server on PATH');
else
  test(name, async () => {
    const { code, stdout, stderr } = await chaos('--seconds', '8', '--seed', '5');
    assert.is(code, 0, stdout + stderr);
    assert.match(stdout, /^seed 5, 8 s of accidents\n/);
    assert.match(stdout, / \d+ accidents, [1-9]\d* connects, [1-9]\d* sessions/);
    assert.match(stdout, /\nheld; again with .*--seconds 8 --seed 5\n$/);
  });

test('wrong usage is told, with exit status 2', async () => {
  assert.is((await chaos('--seconds', '0')).code, 2);
  assert.is((await chaos('--seed', 'x')).code, 2);
  assert.is((await chaos('now')).code, 2);
  assert.match((await chaos('--help')).stdout, /^Usage: /);
});

test.run();
