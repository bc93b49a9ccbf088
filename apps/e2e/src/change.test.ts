// Changing routes under live connections: what changes, and what must not.

import { once } from 'node:events';
import { createServer } from 'node:net';
import { skip, type TestClient, until } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { edgePort, ports, type RunningAcceptor, type System, startSystem } from './system.ts';

const test = suite('changes');
const system = await startSystem();
if (system === null) skip(test, 'changes under live connections', 'no redis-server on PATH');
else withSystem(system);

function withSystem(system: System): void {
  let acceptor: RunningAcceptor;

  test.before(async () => {
    await system.configService();
    acceptor = await system.acceptor();
    await system.echo('v1');
    await system.echo('v2');
    await system.publish(system.walkThrough());
  });
  test.after(() => system.close());

  test('a route is flipped while 50 sessions go on echoing at the old endpoint without a lost byte', async () => {
    const clients: TestClient[] = [];
    for (let i = 0; i < 50; i++) clients.push(acceptor.client(ports.v1));
    await Promise.all(clients.map((client) => client.until('With IP address')));
    let flipped = false;
    const echoing = clients.map(async (client, i) => {
      let lines = 0;
      let after = 0;
      while (after < 5) {
        await client.echo(`session ${i} line ${lines++}`);
        if (flipped) after++;
      }
      const sent = Array.from({ length: lines }, (_, line) => `session ${i} line ${line}\n`).join('');
      assert.ok(client.received.endsWith(`.\n${sent}`), `session ${i} got other bytes than it sent`);
      assert.match(client.received, /^Running on Pod tcp-echo-v1-pod/);
    });
    const version = await system.publish(system.walkThrough({ v1: 'v2', v2: 'v2' }));
    await acceptor.committed(version);
    assert.is(await acceptor.lands(ports.v1), 'v2');
    flipped = true;
    await Promise.all(echoing);
    await Promise.all(clients.map((client) => client.close()));
  });

  test('a rejected publish says all that is wrong and changes nothing', async () => {
    const before = (await system.status()).head;
    const bad = system.write(
      'bad.yaml',
      `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: broken }
spec:
  hosts: ["*"]
  gateways: [tcp-echo-gateway]
  tcp:
  - route:
    - destination: { host: tcp-echo, subset: v9 }
      wieght: 3
  - match: [{ port: 99999 }]
    route: [{ destination: { host: tcp-echo } }]
`,
    );
    const ran = await system.admin('publish', bad);
    assert.is(ran.code, 1);
    assert.match(`${ran.stdout}${ran.stderr}`, /bad\.yaml:10:\d+/);
    assert.match(`${ran.stdout}${ran.stderr}`, /wieght/);
    assert.match(`${ran.stdout}${ran.stderr}`, /99999/);
    assert.is((await system.status()).head, before);
  });

  test('a subset that does not exist is rejected by the config service, with its file and line', async () => {
    const before = (await system.status()).head;
    const ran = await system.admin('publish', system.walkThrough({ v1: 'v9', v2: 'v2' }));
    assert.is(ran.code, 1);
    assert.match(`${ran.stdout}${ran.stderr}`, /walk-through\.yaml:\d+:\d+.*v9/s);
    assert.is((await system.status()).head, before);
    assert.is(await acceptor.lands(ports.v1), 'v2');
  });

  test('roll-back makes a new version with the old state', async () => {
    const { head } = await system.status();
    const { version } = await system.adminJson<{ version: number }>('rollback', '1', '--wait', '20');
    assert.is(version, head + 1);
    await acceptor.committed(version);
    assert.is(await acceptor.lands(ports.v1), 'v1');
  });

  test('an expected version that is not the head is refused', async () => {
    const ran = await system.admin('publish', system.walkThrough({ v1: 'v2', v2: 'v1' }), '--expect-version', '1');
    assert.is(ran.code, 1);
    assert.is(await acceptor.lands(ports.v1), 'v1');
  });

  test('a listener that cannot be bound is a NACK, and the old version stays in force', async () => {
    const blocker = createServer();
    blocker.listen(31499, acceptor.bind);
    await once(blocker, 'listening');
    const inForce = (await system.status()).acceptors[0].version;
    const moved = system.write('moved.yaml', edgePort('third', 31499, 'v1'));
    const ran = await system.admin('publish', moved, '--wait', '3');
    assert.is(ran.code, 4);
    const [shown] = (await system.status()).acceptors;
    assert.is(shown.version, inForce);
    assert.match(shown.error ?? '', /31499.*address-in-use/);
    assert.is(await acceptor.lands(ports.v1), 'v1');
    blocker.close();
    await once(blocker, 'close');
    const version = await system.publish(system.walkThrough({ v1: 'v2', v2: 'v2' }));
    await acceptor.committed(version);
    assert.is(await acceptor.lands(31499), 'v1');
    assert.is((await system.status()).acceptors[0].error, null);
  });

  test('a removed listener takes no more, and its sessions go on', async () => {
    const client = acceptor.client(31499);
    await client.until('With IP address');
    const { version } = await system.adminJson<{ version: number }>('delete', 'VirtualService', 'default/third');
    await acceptor.committed(version);
    await until(() => acceptor.process.events().some((fields) => fields.event === 'listener-closed'), 'the close');
    await client.echo('still here');
    const late = acceptor.client(31499);
    await until(() => late.closed, 'the refusal');
    assert.is(late.errno, 'ECONNREFUSED');
    await client.close();
  });
}

test.run();
