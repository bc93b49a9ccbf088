// A roll-out while parts die: an acceptor of the stage, one of two config services; and on a store in one file, where no
// config service need run at all.
import { join } from 'node:path';
import type { Store } from '@sluice/store';
import { skip, until } from '@sluice/testkit';
import type { EntryHead } from '@sluice/version';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newestEntry, startFleet } from './rollout-fleet.ts';
import { ports, type RunningAcceptor, type System, startSystem } from './system.ts';

const test = suite('roll-outs and failures');
const system = await startSystem();
if (system === null) skip(test, 'roll-outs while parts fail', 'no redis-server on PATH');
else withSystem(system);

function withSystem(system: System): void {
  let fleet: RunningAcceptor[] = [];
  let store: Store;

  const newest = () => newestEntry(store);
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

  test('two config services drive one roll-out, and each stage is reached once', async () => {
    const { version: head } = await store.log.head();
    const services = await Promise.all([system.configService(), system.configService()]);
    lead = lead === 'v1' ? 'v2' : 'v1';
    const words = [
      'publish',
      system.walkThrough({ v1: lead, v2: 'v2' }),
      '--stages',
      '1,50%,100%',
      '--bake',
      '0',
      '--wait',
    ];
    await system.adminJson(...words);
    const moves = await store.log.history(head + 20, 20);
    assert.equal(
      moves.filter(({ version }) => version > head).map(({ move }) => move?.stage),
      [3, 2, 1, undefined],
    );
    await services[1]?.end('SIGKILL');
  });

  test('an acceptor of the stage that is lost takes the version back', async () => {
    const { version: head } = await store.log.head();
    lead = lead === 'v1' ? 'v2' : 'v1';
    await system.adminJson('publish', system.walkThrough({ v1: lead, v2: 'v2' }), '--stages', '1,100%', '--bake', '1h');
    const chosen = (await newest())?.rollout?.chosen ?? [];
    const canary = fleet.find(({ id }) => id === chosen[0]) as RunningAcceptor;
    await canary.committed(head + 1);
    await canary.process.end('SIGKILL');
    await until(async () => (await newest())?.kind === 'abort', 'the abort');
    const { move, message } = (await newest()) as EntryHead;
    assert.equal([move?.breach?.figure, move?.breach?.acceptor], ['lost', canary.id]);
    assert.match(message, /is lost: silent for \d+ s/);
    const again = await system.acceptor({ SLUICE_ACCEPTOR_ID: canary.id, SLUICE_BIND: canary.bind });
    fleet[fleet.indexOf(canary)] = again;
    await again.committed(head + 2);
    assert.is(await again.lands(ports.v1), lead === 'v1' ? 'v2' : 'v1');
  });

  test('a version that crashes the workers of its first acceptor goes no further', async () => {
    const { version: head } = await store.log.head();
    await system.adminJson('publish', system.walkThrough({ v1: 'v1', v2: 'v1' }), '--stages', '1,100%', '--bake', '1h');
    const chosen = (await newest())?.rollout?.chosen ?? [];
    const [canary, other] = await Promise.all(
      [true, false].map((isChosen) => until(() => fleet.find(({ id }) => chosen.includes(id) === isChosen), 'it')),
    );
    await canary?.committed(head + 1);
    for (const death of [1, 2]) {
      const thrown = async () => (await canary?.get('/faults/throw?worker=0', { method: 'POST' }))?.status === 200;
      await until(thrown, 'a worker');
      await until(() => diedIn(canary) >= death, `death ${death}`);
    }
    await until(async () => (await newest())?.kind === 'abort', 'the abort');
    const { move, version } = (await newest()) as EntryHead;
    assert.equal([move?.breach?.figure, move?.breach?.acceptor], ['quarantined', canary?.id]);
    await Promise.all([canary?.committed(version), other?.committed(version)]);
    assert.is(await other?.lands(ports.v2), 'v2');
    // Its only worker is being started again.
    await until(async () => (await canary?.lands(ports.v2).catch(() => '')) === 'v2', 'the version before');
  });

  test('on a store in one file the publisher that waits drives its roll-out', async () => {
    const SLUICE_STORE = `sqlite:${join(system.folder, 'store.db')}`;
    const acceptors = [];
    for (const name of ['file-1', 'file-2']) {
      acceptors.push(await system.acceptor({ SLUICE_STORE, SLUICE_ACCEPTOR_ID: name, SLUICE_WORKERS: '1' }));
    }
    const ran = await system.admin('publish', system.walkThrough(), '--store', SLUICE_STORE, '--wait', '--json');
    assert.is(ran.code, 0, ran.stdout + ran.stderr);
    const path = system.walkThrough({ v1: 'v2', v2: 'v2' });
    const words = ['--stages', '1,100%', '--bake', '100ms', '--store', SLUICE_STORE, '--wait', '--json'];
    const rolled = await system.admin('publish', path, ...words);
    assert.is(rolled.code, 0, rolled.stdout + rolled.stderr);
    assert.equal([JSON.parse(rolled.stdout).version, JSON.parse(rolled.stdout).rollout.outcome], [2, 'completed']);
    for (const each of acceptors) assert.is(await each.lands(ports.v1), 'v2');
    // Or a config service, which a file does not need for anything else.
    const service = await system.configService({ SLUICE_STORE });
    const back = ['publish', system.walkThrough(), '--stages', '1,100%', '--bake', '100ms', '--store', SLUICE_STORE];
    const begun = await system.admin(...back);
    assert.is(begun.code, 0, begun.stdout + begun.stderr);
    assert.match(begun.stderr, /moves on while its publisher waits/);
    for (const each of acceptors) {
      await each.committed(7);
      assert.is(await each.lands(ports.v1), 'v1');
    }
    await service.end();
  });
}

function diedIn(acceptor: RunningAcceptor | undefined): number {
  return acceptor?.process.events().filter(({ event }) => event === 'worker-died').length ?? 0;
}

test.run();
