import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { Worker } from 'node:worker_threads';
import { skip } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('thread priority');

/** Nice values of all threads of this process (proc(5), field 19 of stat). */
function niceValues(): number[] {
  return readdirSync('/proc/self/task').map((thread) => {
    const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  });
}

if (process.platform !== 'linux') skip(test, 'a thread gives way by itself', 'priorities of threads are of Linux');
else
  test('a thread gives way by itself, and the others of its process do not', async () => {
    const before = getPriority();
    const source = `
      const { parentPort } = require('node:worker_threads');
      import('${new URL('./thread-priority.ts', import.meta.url).href}').then(({ giveWay }) => {
        giveWay();
        parentPort.postMessage("done");
        setInterval(() => {}, 1000);
      });`;
    const thread = new Worker(source, { eval: true });
    await once(thread, 'message');
    const values = niceValues();
    await thread.terminate();
    // Where the whole process gives way as much already, there is nothing to give.
    assert.is(values.filter((nice) => nice > before).length, before < 5 ? 1 : 0);
    assert.is(getPriority(), before);
  });

test.run();
