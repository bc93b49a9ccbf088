// What an acceptor serves when it cannot ask anybody, and what it never serves again: its last good state and its quarantine.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { skip, until } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ports, type RunningAcceptor, type System, startSystem } from './system.ts';

const test = suite('last good version');
const system = await startSystem();
if (system === null) skip(test, 'the last good version and quarantine', 'no redis-server on PATH');
else withSystem(system);

/** A machine whose clock is set, by a minute with each look at it: what has a time limit must not go by it. */
const SET_FORWARD = {
  NODE_OPTIONS: '--import data:text/javascript,const{now}=Date;var/**/looks=0;Date.now=()=>now()+60000*++looks',
};

interface Ready {
  readonly ready: boolean;
  readonly state: string;
  readonly version: number;
  readonly error: string | null;
  readonly storeAway?: string;
}

interface Shown {
  readonly id: string;
  readonly version: number;
  readonly error: string | null;
  readonly refused: number | null;
  readonly quarantined: readonly number[];
}

function withSystem(system: System): void {
  let edge: RunningAcceptor;
  let service: Awaited<ReturnType<System['configService']>>;
  const folder = join(system.folder, 'edge');
  const stateFile = join(folder, 'last-committed');

  const start = async (bind?: string, env: Readonly<Record<string, string>> = {}) => {
    const bound: Record<string, string> = bind === undefined ? {} : { SLUICE_BIND: bind };
    edge = await system.acceptor({ SLUICE_ACCEPTOR_ID: 'edge', ...bound, ...env });
  };
  const ready = async (): Promise<Ready> => JSON.parse((await edge.get('/readyz')).text) as Ready;
  const shown = async () => (await system.adminJson<{ acceptors: Shown[] }>('status')).acceptors[0] as Shown;
  /** Kills one of its workers twice, the second time once it is there again. */
  const crashWorkers = async () => {
    for (const death of [1, 2]) {
      await until(
        async () => (await edge.get('/faults/throw?worker=0', { method: 'POST' })).status === 200,
        'a worker',
      );
      const died = () => edge.process.events().filter(({ event }) => event === 'worker-died').length;
      await until(() => died() >= death, `death ${death}`);
    }
  };

  test.before(async () => {
    service = await system.configService();
    await start();
    await system.echo('v1');
    await system.echo('v2');
    await system.publish(system.walkThrough());
  });
  test.after(() => system.close());

  test('with Redis and the config service away it starts with its last committed version, says so, and catches up', async () => {
    await system.publish(system.walkThrough({ v1: 'v2', v2: 'v2' }));
    await until(() => existsSync(stateFile), 'the state on disk');
    await edge.process.end('SIGKILL');
    await service.end('SIGKILL');
    await system.redis.stop('SIGKILL');
    await start(edge.bind);
    await edge.committed(2);
    await edge.process.event('state-loaded', ({ version }) => version === 2);
    await edge.process.event('store-away');
    assert.is(await edge.lands(ports.v1), 'v2');
    const { ready: isReady, state, version, storeAway } = await ready();
    assert.equal([isReady, state, version], [true, 'stale', 2]);
    assert.match(storeAway ?? '', /ECONNREFUSED|no connection/);
    await system.redis.start();
    service = await system.configService();
    const next = await system.publish(system.walkThrough({ v1: 'v1', v2: 'v2' }));
    await edge.committed(next);
    assert.equal([(await ready()).state, (await ready()).storeAway], ['serving', undefined]);
    assert.is(await edge.lands(ports.v1), 'v1');
  });

  test('a state on disk that was damaged is refused, and nothing of it is served', async () => {
    const { version } = await shown();
    await edge.process.end('SIGKILL');
    await service.end('SIGKILL');
    await system.redis.stop('SIGKILL');
    const whole = readFileSync(stateFile);
    const damaged = Buffer.from(whole);
    const middle = Math.floor(damaged.length / 2);
    damaged[middle] = damaged[middle]! ^ 0xff;
    for (const [damage, bytes] of [
      ['a changed byte', damaged],
      ['half of it', whole.subarray(0, middle)],
    ] as const) {
      writeFileSync(stateFile, bytes);
      await start(edge.bind);
      const refused = await edge.process.event('state-refused');
      assert.match(String(refused.reason), /last-committed/, damage);
      await edge.process.event('store-away');
      assert.equal([(await edge.get('/readyz')).status, (await ready()).version], [503, 0], damage);
      await edge.process.end('SIGKILL');
    }
    await start(edge.bind);
    await system.redis.start();
    service = await system.configService();
    await edge.committed(version);
    assert.is(await edge.lands(ports.v1), 'v1');
  });

  test('a state folder that cannot be written is told, and tried again until it can', async () => {
    const blocked = join(system.folder, 'blocked');
    writeFileSync(blocked, 'a file where the folder should be');
    const other = await system.acceptor({ SLUICE_ACCEPTOR_ID: 'other', SLUICE_STATE_DIR: blocked });
    const told = await other.process.event('state-not-kept');
    assert.match(String(told.msg), /free space, or correct the folder/);
    rmSync(blocked);
    const kept = await other.process.event('state-kept');
    assert.is(kept.version, told.version);
    assert.ok(existsSync(join(blocked, 'last-committed')));
    await other.process.end();
  });

  test('a version that crashes workers twice within a minute is quarantined: the one before comes back, with a NACK', async () => {
    const before = (await shown()).version;
    const bad = await system.publish(system.walkThrough({ v1: 'v2', v2: 'v2' }));
    assert.is(await edge.lands(ports.v1), 'v2');
    await crashWorkers();
    await edge.process.event('refused', ({ version }) => version === bad);
    const state = await until(async () => {
      const now = await shown();
      return now.refused === bad && now;
    }, 'the NACK');
    assert.equal([state.version, state.quarantined], [before, [bad]]);
    assert.match(state.error ?? '', /quarantined: workers died twice/);
    assert.match((await system.admin('status')).stdout, new RegExp(`edge: quarantined ${bad}`));
    assert.is(await edge.lands(ports.v1), 'v1');
    assert.is((await ready()).version, before);
  });

  test('after a restart the quarantined version is served neither from disk nor from the log', async () => {
    const { version: before, quarantined } = await shown();
    const [bad] = quarantined;
    await edge.process.end('SIGKILL');
    await start(edge.bind);
    await edge.committed(before);
    await edge.process.event('refused', ({ version }) => version === bad);
    assert.is(await edge.lands(ports.v1), 'v1');
    assert.equal((await shown()).quarantined, [bad]);
    // Nor as a roll-back to it: it is told by its digest, not by its number.
    const ran = await system.admin('rollback', String(bad), '--json');
    assert.is(JSON.parse(ran.stdout).outcome, 'unchanged');
    await edge.process.end('SIGKILL');
    await service.end('SIGKILL');
    await system.redis.stop('SIGKILL');
    await start(edge.bind);
    await edge.committed(before);
    assert.is(await edge.lands(ports.v1), 'v1');
    await system.redis.start();
    service = await system.configService();
  });

  test('the next good version is taken; the quarantined one under another number is not', async () => {
    const [bad] = (await shown()).quarantined;
    const good = await system.publish(system.walkThrough({ v1: 'v2', v2: 'v1' }));
    await edge.committed(good);
    assert.equal([await edge.lands(ports.v1), await edge.lands(ports.v2)], ['v2', 'v1']);
    assert.is((await shown()).error, null);
    const ran = await system.admin('rollback', String(bad), '--wait', '20', '--json');
    assert.is(ran.code, 4, ran.stdout + ran.stderr);
    assert.match(
      (await shown()).error ?? '',
      new RegExp(`quarantined: its state crashed workers here as version ${bad}`),
    );
    assert.is(await edge.lands(ports.v2), 'v1');
  });

  test('a version that an acceptor was started with is quarantined too: the one before comes from the log', async () => {
    const before = await system.publish(system.walkThrough({ v1: 'v1', v2: 'v1' }));
    await edge.committed(before);
    const bad = await system.publish(system.walkThrough({ v1: 'v2', v2: 'v1' }));
    await edge.committed(bad);
    await until(async () => (await shown()).version === bad, 'the report');
    await edge.process.end('SIGKILL');
    await start(edge.bind, SET_FORWARD);
    await edge.committed(bad);
    await crashWorkers();
    await edge.process.event('refused', ({ version }) => version === bad);
    const state = await until(async () => {
      const now = await shown();
      return now.refused === bad && now;
    }, 'the NACK');
    assert.equal([state.version, state.quarantined.at(-1)], [before, bad]);
    assert.match(state.error ?? '', /quarantined: workers died twice/);
    assert.is(await edge.lands(ports.v1), 'v1');
    // Its own disk has the good one now; without it, what came before is found in the log once more.
    await edge.process.end('SIGKILL');
    rmSync(stateFile);
    await start(edge.bind);
    await edge.committed(before);
    assert.is(await edge.lands(ports.v1), 'v1');
  });
}

test.run();
