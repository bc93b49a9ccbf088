// A store in a Redis Cluster while the cluster changes: the slot of our keys moves, and the node that has them is killed.
import { endAll, skip, startRedis } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { deskOn, Listener, proposal, QUICK, workload } from '../conformance/rig.ts';
import { openStore } from '../open.ts';
import type { Store, StoreRole } from '../store.ts';
import type { StoreFault } from '../store-fault.ts';
import { lacksCluster, TestCluster } from './cluster.test-kit.ts';
import { PREFIX } from './keys.ts';

const test = suite('redis: Cluster');
const lacking = lacksCluster();
const cluster = new TestCluster();
const opened: Store[] = [];

function withCluster(name: string, work: () => Promise<void>): void {
  if (lacking === null) test(name, work);
  else skip(test, name, `no ${lacking} on PATH`);
}

async function open(role: StoreRole, url = cluster.url): Promise<Store> {
  const result = await openStore(url, { role, follow: { ...QUICK, behindGraceMs: 60_000 } });
  if (!result.ok) throw result.fault;
  opened.push(result.value);
  return result.value;
}

async function refusal(url: string): Promise<StoreFault> {
  const result = await openStore(url, { role: 'publisher' });
  if (!result.ok) return result.fault;
  opened.push(result.value);
  return result.value.admissions.submit(proposal([workload('x')]), { timeoutMs: 5_000 }).then(
    () => {
      throw new Error('it was admitted');
    },
    (fault: StoreFault) => fault,
  );
}

test.before(async () => {
  if (lacking === null) await cluster.start({ replica: true });
});

test.after.each(async () => {
  for (const store of opened.splice(0)) await store.close();
});

test.after(async () => {
  if (lacking === null) await cluster.stop();
  await endAll();
});

withCluster('any one of the nodes leads to the keys', async () => {
  for (const { server } of cluster.nodes) {
    const store = await open('publisher', `redis+cluster://127.0.0.1:1,127.0.0.1:${server.port}`);
    assert.is((await store.log.head()).version, 0);
  }
});

withCluster('the wrong kind of URL is told by the right one', async () => {
  for (const { server } of cluster.nodes) {
    const fault = await refusal(`redis://127.0.0.1:${server.port}`);
    assert.is(fault.code, 'bad-url', fault.message);
    assert.match(fault.message, /use redis\+cluster:\/\//);
  }
  const plain = await startRedis();
  const fault = await refusal(`redis+cluster://127.0.0.1:${plain!.port}`);
  assert.is(fault.code, 'bad-url');
  assert.match(fault.message, /is not in a cluster/);
  await plain!.remove();
  const away = await refusal('redis+cluster://u:s3cret@127.0.0.1:1');
  assert.is(away.code, 'away');
  assert.not.match(`${away.stack}`, /s3cret/);
});

withCluster('the slot of the keys moves, and its owner is killed: no version is lost, none comes twice', async () => {
  const service = await open('config-service');
  await service.admissions.serve(deskOn(service));
  const follower = new Listener(await open('acceptor'), null);
  await follower.until(() => follower.state !== undefined);
  const publisher = await open('publisher');
  const publish = async (name: string) => {
    const answer = await publisher.admissions.submit(proposal([workload(name)]), { timeoutMs: 25_000 });
    if (!answer.ok) throw new Error(JSON.stringify(answer.rejection));
    return answer.version;
  };
  assert.is(await publish('a'), 1);
  // Back to the one with a replica by the second move, while publishes go on.
  for (const [move, name] of ['b', 'c'].entries()) {
    const [, version] = await Promise.all([cluster.moveSlot(), publish(name)]);
    assert.is(version, move + 2);
  }
  const { server, client } = await cluster.owner();
  // Replication does not wait: this failover is to lose nothing.
  await client.set(`${PREFIX}:test`, 'in step');
  assert.is(await client.wait(1, 10_000), 1);
  await server.stop('SIGKILL');
  const late = performance.now() + 20_000;
  let last = 0;
  while (last === 0 && performance.now() < late) last = await publish('d').catch(() => 0);
  await follower.until(() => follower.state?.version === last);
  const told = follower.events.flatMap((event) => (event.type === 'entry' ? [event.entry.version] : []));
  assert.equal(
    told,
    Array.from({ length: last }, (_, index) => index + 1),
  );
  await follower.end();
});

test.run();
