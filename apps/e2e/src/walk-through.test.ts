// The article's walk-through over real processes: two ports, two subsets, and the logs it shows.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { skip, until } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ports, type RunningAcceptor, root, type System, startSystem } from './system.ts';

const samples = join(root, '../shared/samples/tcp-echo');
const test = suite('walk-through');
const system = await startSystem();

if (system === null) skip(test, 'the walk-through', 'no redis-server on PATH');
else withSystem(system);

function withSystem(system: System): void {
  let acceptor: RunningAcceptor;

  test.before(async () => {
    await system.configService();
    acceptor = await system.acceptor();
  });
  test.after(() => system.close());

  test('the two ports lead to the two subsets, which greet first and echo, and log what they got', async () => {
    const echoes = { v1: await system.echo('v1'), v2: await system.echo('v2') };
    const version = await system.publish(system.walkThrough(), '--message', 'the walk-through');
    assert.is(version, 1);
    for (const name of ['v1', 'v2'] as const) {
      const client = acceptor.client(ports[name]);
      await client.until(`With IP address ${system.echoAddresses[name]}.\n`);
      assert.is(
        client.received,
        `Running on Pod tcp-echo-${name}-pod.\nWith IP address ${system.echoAddresses[name]}.\n`,
      );
      await client.echo(`hello, app-${name}`);
      await client.close();
      await until(
        () => echoes[name].output.includes(`Received Data (converted to string): hello, app-${name}`),
        'the log',
      );
    }
    const closed = await acceptor.process.event('session', (fields) => fields.listener === `0.0.0.0_${ports.v2}`);
    assert.is(closed.version, 1);
    assert.is(closed.cluster, 'outbound|3333|v2|tcp-echo.default.svc.cluster.local');
    assert.is(closed.endpoint, `${system.echoAddresses.v2}:3333`);
    assert.is(closed.reason, 'closed');
    assert.is(closed.bytesReceived, 'hello, app-v2\n'.length);
  });

  test('publishing the same again makes no new version', async () => {
    assert.is(await system.publish(system.walkThrough()), 1);
    assert.is((await system.status()).head, 1);
  });

  test('status shows the acceptor with the version of each worker', async () => {
    const [shown] = (await system.status()).acceptors;
    assert.is(shown.id, acceptor.id);
    assert.is(shown.version, 1);
    assert.is(shown.state, 'serving');
    assert.equal(
      shown.workers.map(({ version }) => version),
      [1, 1],
    );
    assert.is(shown.error, null);
  });

  test('the admin endpoint tells what is served', async () => {
    assert.is((await acceptor.get('/healthz')).status, 200);
    assert.is((await acceptor.get('/readyz')).status, 200);
    assert.is(JSON.parse((await acceptor.get('/version')).text).version, 1);
    const { text } = await acceptor.get('/metrics');
    assert.match(text, /^sluice_version\{.*\} 1$/m);
    assert.match(text, /^sluice_sessions_closed_total\{reason="closed".*\} [1-9]/m);
    assert.match(text, /^sluice_connect_failures_total\{.*\} 0$/m);
    const { listeners } = JSON.parse((await acceptor.get('/config_dump')).text);
    assert.equal(listeners.map((each: { port: number }) => each.port).sort(), [ports.v1, ports.v2]);
  });

  const article = "the article's own five files, unchanged, mean the same: no new version, the same places";
  if (existsSync(samples)) {
    test(article, async () => {
      assert.is(await system.publish(samples, system.workloads()), 1);
      assert.is(await acceptor.lands(ports.v1), 'v1');
      assert.is(await acceptor.lands(ports.v2), 'v2');
    });
  } else skip(test, article, '../shared/samples is not here');
}

test.run();
