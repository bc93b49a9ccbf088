// Routes and ports that change far more often than anybody should, while clients connect: on both engines at once, and
// where a lone worker takes connections itself.
import { readFileSync } from 'node:fs';
import { skip, TestClient } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Publisher } from './publisher.ts';
import { edgePort, ports, type RunningAcceptor, type System, startSystem } from './system.ts';

const flips = 50;
const comings = 20;
const extraPort = 31420;
const extra = edgePort('extra', extraPort, 'v1');

const test = suite('flapping');
const system = await startSystem();
if (system === null) skip(test, 'routes and ports that flap', 'no redis-server on PATH');
else withSystem(system);

function withSystem(system: System): void {
  const acceptors: RunningAcceptor[] = [];
  let publisher: Publisher;

  test.before(async () => {
    await system.configService();
    for (const engine of ['node', 'linux']) acceptors.push(await system.acceptor({ SLUICE_ENGINE: engine }));
    acceptors.push(await system.acceptor({ SLUICE_ENGINE: 'linux', SLUICE_WORKERS: '1' }));
    for (const version of ['v1', 'v2'] as const) await system.echo(version);
    await system.publish(system.walkThrough());
    publisher = await Publisher.open(system.store);
  });
  test.after(async () => {
    await publisher.close();
    await system.close();
  });

  test(`no connect fails while a route flips ${flips} times, and each flip is where the next connect goes`, async () => {
    let over = false;
    let connects = 0;
    const connecting = acceptors.map(async (acceptor) => {
      while (!over) {
        assert.match(await acceptor.lands(ports.v1), /^v[12]$/);
        connects++;
      }
    });
    for (let i = 0; i < flips; i++) {
      const lead = i % 2 === 0 ? 'v2' : 'v1';
      const text = readFileSync(system.walkThrough({ v1: lead, v2: 'v2' }), 'utf8');
      await publisher.everywhere(await publisher.publish(text), acceptors);
      for (const acceptor of acceptors) assert.is(await acceptor.lands(ports.v1), lead);
    }
    over = true;
    await Promise.all(connecting);
    assert.ok(connects >= flips);
  });

  test(`a port that comes and goes ${comings} times answers whenever it is there, and loses no session`, async () => {
    const stayed: TestClient[] = [];
    for (let i = 0; i < comings; i++) {
      await publisher.everywhere(await publisher.publish(extra), acceptors);
      for (const { bind } of acceptors) {
        const client = new TestClient(bind, extraPort);
        await client.until('With IP address');
        stayed.push(client);
      }
      const gone = await publisher.publish('', 'Gateway/default/extra', 'VirtualService/default/extra');
      await publisher.everywhere(gone, acceptors);
      for (const { bind } of acceptors) {
        const late = new TestClient(bind, extraPort);
        await late.gone();
        assert.is(late.errno, 'ECONNREFUSED');
      }
    }
    for (const client of stayed) {
      await client.echo('from a port that is no more');
      await client.close();
    }
  });
}

test.run();
