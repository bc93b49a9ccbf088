// Workers that die under load, on each engine: the acceptor holds the same descriptors afterwards as before.
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { skip, TestClient, until } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sessionSocketsOf } from './chaos-descriptors.ts';
import { ports, System } from './system.ts';

const test = suite('workers that die under load');
const name = 'the acceptor holds the same descriptors afterwards';
const clientsAtOnce = 16;
/** Each under a version of its own: two soon after a commit would have it quarantined. */
const deaths = 3;

if (!existsSync('/proc/self/fd')) skip(test, name, 'there is no /proc');
else {
  const system = new System(null);
  test.before(async () => {
    await system.echo('v1');
    await system.echo('v2');
  });
  test.after(() => system.close());

  for (const [engine, workers] of [
    ['linux', 2],
    ['linux', 1],
    ['node', 2],
  ] as const) {
    test(`${name}: ${engine}, ${workers} workers`, async () => {
      const acceptor = await system.acceptor({ SLUICE_ENGINE: engine, SLUICE_WORKERS: String(workers) });
      await acceptor.committed(await system.publish(system.walkThrough()));
      await acceptor.lands(ports.v1);
      // The client's socket is closed before the acceptor's are.
      assert.equal(await sessionSocketsOf(acceptor), []);
      const before = descriptors(acceptor.process.pid);
      let running = true;
      let served = 0;
      const all = Array.from({ length: clientsAtOnce }, async () => {
        while (running) if (await isServed(new TestClient(acceptor.bind, ports.v1))) served++;
      });
      const goesOn = async () => {
        const mark = served + 10;
        await until(() => served >= mark, 'clients that are served');
      };
      for (let i = 0; i < deaths; i++) {
        const lead = i % 2 === 0 ? { v1: 'v2', v2: 'v1' } : { v1: 'v1', v2: 'v2' };
        await acceptor.committed(await system.publish(system.walkThrough(lead)));
        await goesOn();
        assert.is((await acceptor.get(`/faults/throw?worker=${i % workers}`, { method: 'POST' })).status, 200);
        await until(() => died(acceptor.process.events()) === i + 1, 'the death of a worker');
      }
      await goesOn();
      running = false;
      await Promise.all(all);
      await until(() => descriptors(acceptor.process.pid) === before, 'as before').catch(() => {});
      assert.is(descriptors(acceptor.process.pid), before);
      await acceptor.process.end();
    });
  }
}

const died = (events: readonly Record<string, unknown>[]) =>
  events.filter(({ event }) => event === 'worker-died').length;

async function isServed(client: TestClient): Promise<boolean> {
  try {
    await client.until('With IP address');
    await client.echo('hello');
    await client.close();
    return true;
  } catch {
    // Its worker died.
    client.socket.destroy();
    return false;
  }
}

/** How many of each kind, as text. */
function descriptors(pid: number): string {
  const kinds = readdirSync(`/proc/${pid}/fd`).map((fd) => kindOf(`/proc/${pid}/fd/${fd}`));
  return kinds.sort().join(' ');
}

function kindOf(path: string): string {
  try {
    return readlinkSync(path).replace(/^\/.*/, 'file').replace(/\d+/, '');
  } catch {
    return '';
  }
}

test.run();
