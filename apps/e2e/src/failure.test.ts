// Parts that fail while the rest serves: Redis, config service, acceptor, one worker.
import { skip, until } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ports, type RunningAcceptor, type System, startSystem } from './system.ts';

/** As `/sessions` tells it. */
interface Session {
  readonly worker: number;
  readonly source: string;
}

const test = suite('failures');
const system = await startSystem();
if (system === null) skip(test, 'failures of parts', 'no redis-server on PATH');
else withSystem(system);

function withSystem(system: System): void {
  let acceptor: RunningAcceptor;
  let service: Awaited<ReturnType<System['configService']>>;

  test.before(async () => {
    service = await system.configService();
    acceptor = await system.acceptor({ SLUICE_ACCEPTOR_ID: 'edge' });
    await system.echo('v1');
    await system.echo('v2');
    await system.publish(system.walkThrough());
  });
  test.after(() => system.close());

  test('without Redis the acceptor goes on with what it has, and catches up when Redis is back', async () => {
    const client = acceptor.client(ports.v1);
    await client.until('With IP address');
    await system.redis.stop();
    await acceptor.process.event('store-away');
    await client.echo('no redis, no matter');
    assert.is(await acceptor.lands(ports.v2), 'v2');
    assert.is((await acceptor.get('/readyz')).status, 200);
    const ran = await system.admin('status');
    assert.is(ran.code, 3, ran.stdout + ran.stderr);
    await system.redis.start();
    const version = await system.publish(system.walkThrough({ v1: 'v2', v2: 'v2' }));
    await acceptor.committed(version);
    assert.is(await acceptor.lands(ports.v1), 'v2');
    await client.echo('and on it goes');
    await client.close();
  });

  test('an uncaught exception in one worker ends only its sessions, and the worker is replaced', async () => {
    const { version } = (await system.status()).acceptors[0];
    const running = async () => JSON.parse((await acceptor.get('/sessions')).text).sessions as Session[];
    // One whose client has closed already still counts where the next is placed.
    await until(async () => (await running()).length === 0, 'the sessions before to end');
    const clients = Array.from({ length: 6 }, () => acceptor.client(ports.v1));
    await Promise.all(clients.map((client) => client.until('With IP address')));
    const sessions = await running();
    const inFirst = new Set(sessions.filter(({ worker }) => worker === 0).map(({ source }) => source));
    assert.is(inFirst.size, 3, 'sessions are spread over the two workers');
    const sources = clients.map(({ socket }) => `${socket.localAddress}:${socket.localPort}`);
    assert.is((await acceptor.get('/faults/throw?worker=0', { method: 'POST' })).status, 200);
    await acceptor.process.event('worker-died');
    for (const [i, client] of clients.entries()) {
      const source = sources[i];
      if (inFirst.has(source)) await client.gone();
      else await client.echo('not my worker');
    }
    await until(async () => {
      const { workers } = (await system.status()).acceptors[0];
      return workers.length === 2 && workers.every((worker) => worker.version === version);
    }, 'the new worker at the version in force');
    for (let i = 0; i < 4; i++) assert.is(await acceptor.lands(ports.v1), 'v2');
    for (const client of clients) if (!client.closed) await client.close();
    await until(
      async () => (await system.status()).acceptors[0].workers.every(({ sessions }) => sessions === 0),
      'no session left',
    );
  });

  test('an acceptor killed outright serves again after its start, even while Redis is away', async () => {
    const { version } = (await system.status()).acceptors[0];
    await acceptor.process.end('SIGKILL');
    await system.redis.stop('SIGKILL');
    acceptor = await system.acceptor({ SLUICE_ACCEPTOR_ID: 'edge', SLUICE_BIND: acceptor.bind });
    await acceptor.committed(version);
    assert.is(await acceptor.lands(ports.v1), 'v2');
    // Logged by the thread that follows the store, which tells the one that answers.
    await acceptor.process.event('store-away');
    const ready = async () => JSON.parse((await acceptor.get('/readyz')).text);
    await until(async () => (await ready()).state !== 'serving', 'to say that the store is away');
    const { ready: isReady, state, version: serving } = await ready();
    assert.equal([isReady, state, serving], [true, 'stale', version]);
    await system.redis.start();
    await until(async () => (await ready()).state === 'serving', 'serving again');
  });

  test('a config service killed in mid-publish loses nothing: another one finishes the publish, once', async () => {
    const { head } = await system.status();
    await service.end();
    // It dies with the proposal in its hands: one that nobody has begun with is given up where there is no word of a config service.
    const dying = await system.configService({ SLUICE_FAULT_AT: 'taken' });
    const times = ['--timeout', '120', '--wait', '60'];
    const publishing = system.admin('publish', system.walkThrough({ v1: 'v1', v2: 'v2' }), ...times, '--json');
    assert.is((await dying.exit()).signal, 'SIGKILL');
    service = await system.configService();
    const ran = await publishing;
    assert.is(ran.code, 0, ran.stdout + ran.stderr);
    assert.is(JSON.parse(ran.stdout).version, head + 1);
    assert.is((await system.status()).head, head + 1);
    assert.is(await acceptor.lands(ports.v1), 'v1');
  });

  test('without a config service a publish says so and changes nothing', async () => {
    const { head } = await system.status();
    await service.end();
    const ran = await system.admin('publish', system.walkThrough({ v1: 'v2', v2: 'v2' }));
    assert.is(ran.code, 1, ran.stdout + ran.stderr);
    assert.match(ran.stderr, /no config service/);
    service = await system.configService();
    assert.is((await system.status()).head, head);
    assert.is(await acceptor.lands(ports.v1), 'v1');
  });
}

test.run();
