// The config service killed at every step of a roll-out: the next one goes on, and nothing is lost or done twice.
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { openStore, type Store } from '@sluice/store';
import { skip, until } from '@sluice/testkit';
import type { EntryHead } from '@sluice/version';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ports, type RunningAcceptor, type System, startSystem } from './system.ts';

const test = suite('roll-outs and kill -9');
const system = await startSystem();
if (system === null) skip(test, 'a roll-out whose config service is killed', 'no redis-server on PATH');
else withSystem(system);

function withSystem(system: System): void {
  const fleet: RunningAcceptor[] = [];
  let store: Store;

  const newest = async (): Promise<EntryHead | undefined> => {
    const { version } = await store.log.head();
    return (await store.log.history(version + 1, 1))[0];
  };
  const everywhere = (version: number) =>
    until(async () => {
      const reports = (await store.reports.list()).filter(({ state }) => state === 'serving');
      return reports.every(
        (report) => report.version === version && report.workers.every((each) => each.version === version),
      );
    }, `version ${version} on every acceptor`);

  test.before(async () => {
    const service = await system.configService();
    fleet.push(...(await Promise.all([1, 2].map(() => system.acceptor({ SLUICE_WORKERS: '1' })))));
    await system.echo('v1');
    await system.echo('v2');
    await system.publish(system.walkThrough());
    await service.end('SIGKILL');
    const opened = await openStore(system.redis.url, { role: 'publisher' });
    if (!opened.ok) throw opened.fault;
    store = opened.value;
  });
  test.after(async () => {
    await store.close();
    await system.close();
  });

  let lead: 'v1' | 'v2' = 'v1';
  for (const step of ['taken', 'admitted', 'appended']) {
    test(`the config service is killed when a promotion is ${step}: the next one goes on, and nothing is done twice`, async () => {
      const { version: head } = await store.log.head();
      lead = lead === 'v1' ? 'v2' : 'v1';
      const dying = await system.configService({ SLUICE_FAULT_AT: `promote-${step}` });
      const path = system.walkThrough({ v1: lead, v2: 'v2' });
      await system.adminJson('publish', path, '--stages', '1,100%', '--bake', '0');
      assert.is((await dying.exit()).signal, 'SIGKILL');
      const written = step === 'appended' ? 2 : 1;
      assert.is((await store.log.head()).version, head + written);
      const next = await system.configService();
      await until(async () => (await store.log.head()).version === head + 3, 'the end of the roll-out');
      assert.equal([(await newest())?.kind, (await newest())?.move?.stage], ['promote', 2]);
      await everywhere(head + 3);
      for (const each of fleet) assert.is(await each.lands(ports.v1), lead);
      await next.end('SIGKILL');
    });
  }

  for (const step of ['taken', 'admitted', 'appended']) {
    test(`the config service is killed when an abort is ${step}: the next one takes the version back, once`, async () => {
      const { version: head } = await store.log.head();
      const blockers = await Promise.all(fleet.map(({ bind }) => blocker(31497, bind)));
      const dying = await system.configService({ SLUICE_FAULT_AT: `abort-${step}` });
      await system.adminJson(
        'publish',
        system.write('blocked.yaml', blockedGateway),
        '--stages',
        '1,100%',
        '--bake',
        '1h',
      );
      assert.is((await dying.exit()).signal, 'SIGKILL');
      assert.is((await store.log.head()).version, head + (step === 'appended' ? 2 : 1));
      const next = await system.configService();
      await everywhere(head + 2);
      const end = await newest();
      assert.equal([end?.version, end?.kind, end?.restores], [head + 2, 'abort', head]);
      assert.equal([end?.move?.of, end?.move?.breach?.figure], [head + 1, 'refused']);
      for (const each of blockers) each.close();
      await next.end('SIGKILL');
    });
  }
}

const blockedGateway = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: blocked }
spec:
  selector: { istio: ingressgateway }
  servers:
  - port: { number: 31497, name: tcp, protocol: TCP }
    hosts: ["*"]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: blocked }
spec:
  hosts: ["*"]
  gateways: [blocked]
  tcp:
  - route: [{ destination: { host: tcp-echo, subset: v1, port: { number: 3333 } } }]
`;

async function blocker(port: number, address: string): Promise<Server> {
  const server = createServer();
  server.listen(port, address);
  await once(server, 'listening');
  return server;
}

test.run();
