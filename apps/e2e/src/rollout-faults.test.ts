// The config service killed at every step of a roll-out: the next one goes on, and nothing is lost or done twice.
import type { Store } from '@sluice/store';
import { skip, until } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { blockedGateway, blocker, newestEntry, startFleet } from './rollout-fleet.ts';
import { ports, type RunningAcceptor, type System, startSystem } from './system.ts';

const test = suite('roll-outs and kill -9');
const system = await startSystem();
if (system === null) skip(test, 'a roll-out whose config service is killed', 'no redis-server on PATH');
else withSystem(system);

function withSystem(system: System): void {
  let fleet: readonly RunningAcceptor[] = [];
  let store: Store;

  const newest = () => newestEntry(store);
  const everywhere = (version: number) =>
    until(async () => {
      const reports = (await store.reports.list()).filter(({ state }) => state === 'serving');
      return reports.every(
        (report) => report.version === version && report.workers.every((each) => each.version === version),
      );
    }, `version ${version} on every acceptor`);

  test.before(async () => {
    const service = await system.configService();
    ({ fleet, store } = await startFleet(system, 2));
    await service.end('SIGKILL');
  });
  test.after(async () => {
    await store.close();
    await system.close();
  });

  let lead: 'v1' | 'v2' = 'v1';
  for (const step of ['taken', 'admitted', 'appended']) {
    test(`the config service is killed when the beginning is ${step}: the next one begins it, or goes on, once`, async () => {
      const { version: head } = await store.log.head();
      lead = lead === 'v1' ? 'v2' : 'v1';
      const dying = await system.configService({ SLUICE_FAULT_AT: step });
      const path = system.walkThrough({ v1: lead, v2: 'v2' });
      const publishing = system.admin('publish', path, '--stages', '1,100%', '--bake', '0', '--json');
      assert.is((await dying.exit()).signal, 'SIGKILL');
      const next = await system.configService();
      const { code, stdout, stderr } = await publishing;
      assert.is(code, 0, stdout + stderr);
      assert.is(JSON.parse(stdout).version, head + 1);
      await everywhere(head + 3);
      assert.equal([(await newest())?.kind, (await newest())?.move?.of], ['promote', head + 1]);
      for (const each of fleet) assert.is(await each.lands(ports.v1), lead);
      await next.end('SIGKILL');
    });
  }

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
      try {
        const dying = await system.configService({ SLUICE_FAULT_AT: `abort-${step}` });
        const path = system.write('blocked.yaml', blockedGateway(31497));
        // 1 where the version was taken back already when its publisher looked.
        const { code, stdout } = await system.admin('publish', path, '--stages', '1,100%', '--bake', '1h', '--json');
        assert.ok(code === 0 || code === 1, stdout);
        assert.is(JSON.parse(stdout).version, head + 1);
        assert.is((await dying.exit()).signal, 'SIGKILL');
        assert.is((await store.log.head()).version, head + (step === 'appended' ? 2 : 1));
        const next = await system.configService();
        await everywhere(head + 2);
        const end = await newest();
        assert.equal([end?.version, end?.kind, end?.restores], [head + 2, 'abort', head]);
        assert.equal([end?.move?.of, end?.move?.breach?.figure], [head + 1, 'refused']);
        await next.end('SIGKILL');
      } finally {
        for (const each of blockers) each.close();
      }
    });
  }
}

test.run();
