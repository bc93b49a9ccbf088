// The whole system on one SQLite file: no Redis, no config service; each publisher admits its own change.
import { until } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ports, type RunningAcceptor, System } from './system.ts';

const test = suite('a store for one machine');
const system = new System(null);
let first: RunningAcceptor;
let second: RunningAcceptor;

test.before(async () => {
  first = await system.acceptor();
  second = await system.acceptor();
  await system.echo('v1');
  await system.echo('v2');
});
test.after(() => system.close());

test('a publish is in force in every worker of both acceptors when its wait ends', async () => {
  assert.is(await system.publish(system.walkThrough()), 1);
  for (const acceptor of [first, second]) {
    assert.is(await acceptor.lands(ports.v1), 'v1');
    assert.is(await acceptor.lands(ports.v2), 'v2');
  }
  const { head, acceptors } = await system.status();
  assert.is(head, 1);
  assert.equal(
    acceptors.map(({ version }) => version),
    [1, 1],
  );
});

test('the same again makes no version; a flip leaves sessions alone; a roll-back brings the state back', async () => {
  assert.is(await system.publish(system.walkThrough()), 1);
  const client = first.client(ports.v1);
  await client.until('With IP address');
  assert.is(await system.publish(system.walkThrough({ v1: 'v2', v2: 'v2' })), 2);
  assert.is(await second.lands(ports.v1), 'v2');
  await client.echo('still on v1');
  await client.close();
  assert.is((await system.adminJson<{ version: number }>('rollback', '1', '--wait', '20')).version, 3);
  assert.is(await first.lands(ports.v1), 'v1');
});

test('a rejected publish and one with an old expectation change nothing', async () => {
  assert.is((await system.admin('publish', system.walkThrough({ v1: 'v9', v2: 'v2' }))).code, 1);
  const stale = await system.admin('publish', system.walkThrough({ v1: 'v2', v2: 'v1' }), '--expect-version', '1');
  assert.is(stale.code, 1);
  assert.is((await system.status()).head, 3);
});

test('of ten publishers at once each gets its own version or a clear conflict, and nothing is lost', async () => {
  const before = (await system.status()).head;
  const entry = (i: number) =>
    system.write(
      `racer-${i}.yaml`,
      `apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: racer-${i} }
spec: { address: 127.0.0.9, labels: { app: racer } }
`,
    );
  const ran = await Promise.all(Array.from({ length: 10 }, (_, i) => system.admin('publish', entry(i), '--json')));
  const versions = ran.map(({ code, stdout, stderr }) => {
    assert.is(code, 0, stdout + stderr);
    return JSON.parse(stdout).version as number;
  });
  assert.equal(
    [...versions].sort((a, b) => a - b),
    Array.from({ length: 10 }, (_, i) => before + 1 + i),
  );
  await first.committed(before + 10);
});

test('a roll-out whose publisher is gone goes on with the same publish once more, or with a config service on the file', async () => {
  const staged = (lead: string) => {
    return ['publish', system.walkThrough({ v1: lead, v2: 'v2' }), '--stages', '1,100%', '--bake', '0'];
  };
  interface Answer {
    readonly outcome: string;
    readonly rollout: { readonly outcome: string };
  }
  const begun = await system.adminJson<Answer>(...staged('v2'));
  assert.equal([begun.outcome, begun.rollout.outcome], ['admitted', 'running']);
  const again = await system.adminJson<Answer>(...staged('v2'), '--wait');
  assert.equal([again.outcome, again.rollout.outcome], ['unchanged', 'completed']);
  for (const each of [first, second]) assert.is(await each.lands(ports.v1), 'v2');
  const service = await system.configService();
  await system.adminJson(...staged('v1'));
  const { head } = await system.status();
  const end = await until(async () => {
    const now = await system.adminJson<{ head: number; rollout: { outcome: string } | null }>('status');
    return now.head >= head && now.rollout?.outcome === 'completed' && now.head;
  }, 'the end of the roll-out');
  for (const each of [first, second]) await each.committed(end);
  for (const each of [first, second]) assert.is(await each.lands(ports.v1), 'v1');
  await service.end();
});

test('an acceptor killed outright comes back with what was in force', async () => {
  const { head } = await system.status();
  await second.process.end('SIGKILL');
  second = await system.acceptor({ SLUICE_ACCEPTOR_ID: second.id, SLUICE_BIND: second.bind });
  await second.committed(head);
  assert.is(await second.lands(ports.v1), 'v1');
  await until(
    async () => (await system.status()).acceptors.every(({ version }) => version === head),
    'both at the head',
  );
});

test.run();
