// An acceptor with one worker, which on Linux takes connections itself: what becomes of those that come while it dies.
import { skip, TestClient, until } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ports, type RunningAcceptor, type System, startSystem } from './system.ts';

const deaths = 3;

const test = suite('a lone worker');
const system = await startSystem();
if (system === null) skip(test, 'a lone worker', 'no redis-server on PATH');
else withSystem(system);

function withSystem(system: System): void {
  let acceptor: RunningAcceptor;

  test.before(async () => {
    await system.configService();
    acceptor = await system.acceptor({ SLUICE_WORKERS: '1', SLUICE_ENGINE: 'linux' });
    for (const version of ['v1', 'v2'] as const) await system.echo(version);
    await system.publish(system.walkThrough());
  });
  test.after(() => system.close());

  test('connections that come while it is replaced wait for the next one', async () => {
    for (let i = 0; i < deaths; i++) {
      const held = acceptor.client(ports.v1);
      await held.until('With IP address');
      // Two deaths within a minute of a commit are the version's fault: this is none of that.
      await acceptor.committed(await system.publish(system.walkThrough({ v1: i % 2 === 0 ? 'v2' : 'v1', v2: 'v2' })));
      const deathsTold = () => acceptor.process.events().filter(({ event }) => event === 'worker-died').length;
      const before = deathsTold();
      assert.is((await acceptor.get('/faults/throw?worker=0', { method: 'POST' })).status, 200);
      await held.gone();
      await until(() => deathsTold() > before, 'the death to be told');
      // It may be a second until the next thread is there: nobody is refused meanwhile.
      const late = Array.from({ length: 5 }, () => new TestClient(acceptor.bind, ports.v2));
      await Promise.all(late.map((client) => client.until('tcp-echo-v2-pod')));
      await Promise.all(late.map((client) => client.close()));
    }
  });
}

test.run();
