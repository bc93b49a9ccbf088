// The line of every session reaches the log, however its worker's thread comes to its end.
import { until } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ports, type RunningAcceptor, System } from './system.ts';

const test = suite('the session log');
const system = new System(null);

test.before(async () => {
  await system.echo('v1');
  await system.echo('v2');
});
test.after(() => system.close());

function told(acceptor: RunningAcceptor): readonly Record<string, unknown>[] {
  return acceptor.process.events().filter(({ event }) => event === 'session');
}

async function connected(acceptor: RunningAcceptor, count: number) {
  const clients = Array.from({ length: count }, () => acceptor.client(ports.v1));
  await Promise.all(clients.map((client) => client.until('With IP address')));
  return clients;
}

test('a drain that cuts sessions off writes a line for each of them', async () => {
  const acceptor = await system.acceptor({ SLUICE_DRAIN_SECONDS: '0' });
  await system.publish(system.walkThrough());
  await connected(acceptor, 200);
  assert.is(await acceptor.process.end(), 0);
  assert.is(told(acceptor).length, 200);
  assert.ok(told(acceptor).every(({ reason }) => reason === 'ordered'));
});

test('a worker that dies by a fault has written the lines of the sessions that had ended', async () => {
  const acceptor = await system.acceptor({ SLUICE_WORKERS: '1' });
  await acceptor.committed(1);
  const ending = await connected(acceptor, 100);
  await Promise.all(ending.map((client) => client.close()));
  await until(async () => JSON.parse((await acceptor.get('/sessions')).text).sessions.length === 0, 'the last session');
  await acceptor.get('/faults/throw?worker=0', { method: 'POST' });
  await acceptor.process.event('worker-died');
  await until(() => told(acceptor).length === 100, 'the lines');
  assert.is(await acceptor.process.end(), 0);
});

test.run();
