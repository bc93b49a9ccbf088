// Several acceptors on one log, and an acceptor that drains.
import { accepts, skip, until } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ports, type RunningAcceptor, type System, startSystem } from './system.ts';

const test = suite('scaling out and draining');
const system = await startSystem();
if (system === null) skip(test, 'several acceptors', 'no redis-server on PATH');
else withSystem(system);

function withSystem(system: System): void {
  let first: RunningAcceptor;
  let second: RunningAcceptor;

  test.before(async () => {
    await system.configService();
    first = await system.acceptor();
    second = await system.acceptor();
    await system.echo('v1');
    await system.echo('v2');
    await system.publish(system.walkThrough());
  });
  test.after(() => system.close());

  test('two acceptors converge on each version, and a third that comes later begins with the newest', async () => {
    for (const lead of ['v2', 'v1', 'v2'] as const) {
      const version = await system.publish(system.walkThrough({ v1: lead, v2: 'v2' }));
      await first.committed(version);
      await second.committed(version);
      assert.is(await first.lands(ports.v1), lead);
      assert.is(await second.lands(ports.v1), lead);
    }
    const { head } = await system.status();
    const third = await system.acceptor();
    await third.committed(head);
    assert.is(await third.lands(ports.v1), 'v2');
    await third.process.end();
  });

  test('an acceptor whose labels no Gateway selects serves nothing, and holds nobody up', async () => {
    const inner = await system.acceptor({ SLUICE_LABELS: 'istio=internal' });
    const version = await system.publish(system.walkThrough({ v1: 'v1', v2: 'v2' }));
    await inner.committed(version);
    assert.not(await accepts(inner.bind, ports.v1));
    await inner.process.end();
  });

  test('SIGTERM takes nothing new, lets sessions finish, and exits with 0', async () => {
    const client = second.client(ports.v1);
    await client.until('With IP address');
    second.process.child.kill('SIGTERM');
    await second.process.event('draining');
    await until(async () => !(await accepts(second.bind, ports.v1)), 'the listener closed');
    assert.is((await second.get('/readyz')).status, 503);
    await client.echo('one last word');
    assert.not(second.process.ended);
    await client.close();
    assert.is((await second.process.exit()).code, 0);
    assert.is(await first.lands(ports.v1), 'v1');
  });

  test('what does not finish within the drain time is cut', async () => {
    const brief = await system.acceptor({ SLUICE_DRAIN_SECONDS: '0' });
    await brief.committed((await system.status()).head);
    const client = brief.client(ports.v1);
    await client.until('With IP address');
    brief.process.child.kill('SIGTERM');
    await client.gone();
    assert.is((await brief.process.exit()).code, 0);
    await brief.process.event('drain-cut');
  });

  test('POST /drain does the same', async () => {
    const drained = await system.acceptor();
    await drained.committed((await system.status()).head);
    assert.is((await drained.get('/drain', { method: 'POST' })).status, 202);
    assert.is((await drained.process.exit()).code, 0);
  });

  test('sessions are listed, and ended by selector', async () => {
    const stays = first.client(ports.v2);
    const goes = first.client(ports.v1);
    await Promise.all([stays.until('With IP address'), goes.until('With IP address')]);
    const listed = JSON.parse((await first.get('/sessions')).text) as { sessions: { listener: string }[] };
    assert.is(listed.sessions.length, 2);
    const ended = await first.get(`/sessions?listener=0.0.0.0_${ports.v1}`, { method: 'DELETE' });
    assert.equal(JSON.parse(ended.text), { ended: 1 });
    await goes.gone();
    await stays.echo('untouched');
    await stays.close();
    assert.is((await first.get('/sessions', { method: 'DELETE' })).status, 400);
  });

  for (const SLUICE_WORKERS of ['1', '2'])
    test(`sessions over the maximum are reset, and a cut backlog is told at start (workers: ${SLUICE_WORKERS})`, () =>
      holdsToMaximum(SLUICE_WORKERS));

  async function holdsToMaximum(SLUICE_WORKERS: string): Promise<void> {
    const small = await system.acceptor({ SLUICE_WORKERS, SLUICE_MAX_SESSIONS: '2', SLUICE_BACKLOG: '65535' });
    await small.committed((await system.status()).head);
    const clients = [small.client(ports.v1), small.client(ports.v1)];
    await Promise.all(clients.map((client) => client.until('With IP address')));
    const third = small.client(ports.v1);
    await third.gone();
    assert.is(third.errno, 'ECONNRESET');
    await clients[0].close();
    const running = async () => JSON.parse((await small.get('/sessions')).text).sessions.length;
    await until(async () => (await running()) === 1, 'the end of the first');
    assert.is(await small.lands(ports.v1), 'v1');
    assert.match(String((await small.process.event('limit')).msg), /65535 is cut to net\.core\.somaxconn/);
    await clients[1].close();
    await small.process.end();
  }

  test('wrong settings are told all at once, with exit status 2', async () => {
    const wrong = system.node('wrong', 'apps/acceptor/src/main.ts', {
      SLUICE_WORKERS: 'many',
      SLUICE_ADMIN: 'nowhere',
    });
    assert.is((await wrong.exit()).code, 2);
    assert.match(wrong.output, /SLUICE_WORKERS.*"many"/);
    assert.match(wrong.output, /SLUICE_ADMIN.*"nowhere"/);
  });
}

test.run();
