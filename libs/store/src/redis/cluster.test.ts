// A store in a Redis Cluster while the cluster changes: the slot of our keys moves, and the node that has them is killed.
import { endAll, freePort, skip, startRedis, type TestRedis, until } from '@sluice/testkit';
import { Redis } from 'ioredis';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { deskOn, Listener, proposal, QUICK, workload } from '../conformance/rig.ts';
import { openStore } from '../open.ts';
import type { OpenOptions, Store, StoreRole } from '../store.ts';
import type { StoreFault } from '../store-fault.ts';
import { lacksCluster, TestCluster } from './cluster.test-kit.ts';
import { SLOT } from './cluster-layout.ts';

const test = suite('redis: Cluster');
const lacking = lacksCluster();
const cluster = new TestCluster();
const opened: Store[] = [];

function withCluster(name: string, work: () => Promise<void>): void {
  if (lacking === null) test(name, work);
  else skip(test, name, `no ${lacking} on PATH`);
}

async function open(role: StoreRole, url = cluster.url, logger?: OpenOptions['logger']): Promise<Store> {
  const follow = { ...QUICK, behindGraceMs: 60_000 };
  const result = await openStore(url, { role, follow, ...(logger === undefined ? {} : { logger }) });
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

withCluster(
  'a node that thinks it owns the keys, and is cut off from the cluster, is not asked again and again',
  async () => {
    const busPort = String(await freePort());
    const stray = (await startRedis(() => ({ 'cluster-enabled': 'yes', 'cluster-port': busPort })))!;
    const direct = new Redis(stray.url);
    await direct.cluster('ADDSLOTS', SLOT);
    const publisher = await open(
      'publisher',
      `redis+cluster://127.0.0.1:${stray.port},${cluster.nodes.map(at).join(',')}`,
    );
    assert.is((await publisher.log.head()).version, 0);
    direct.disconnect();
    await stray.remove();
  },
);

function at({ server }: { readonly server: TestRedis }): string {
  return `127.0.0.1:${server.port}`;
}

async function publish(publisher: Store, name: string): Promise<number> {
  const answer = await publisher.admissions.submit(proposal([workload(name)]), { timeoutMs: 25_000 });
  if (!answer.ok) throw new Error(JSON.stringify(answer.rejection));
  return answer.version;
}

/** While there is no owner it is told that the store is away; then a publisher tries again. */
function publishOnceBack(publisher: Store, name: string): Promise<number> {
  let last = '';
  const attempt = () =>
    publish(publisher, name).catch((error) => {
      last = String(error);
      return null;
    });
  return until(attempt, () => `a publish, to which the last answer was "${last}",`);
}

function versionsTold({ events }: Listener): number[] {
  return events.flatMap((event) => (event.type === 'entry' ? [event.entry.version] : []));
}

withCluster('the slot of the keys moves, and its owner is killed: no version is lost, none comes twice', async () => {
  const service = await open('config-service');
  await service.admissions.serve(deskOn(service));
  const follower = new Listener(await open('acceptor'), null);
  await follower.until(() => follower.state !== undefined);
  const publisher = await open('publisher');
  assert.is(await publish(publisher, 'a'), 1);
  // Back to the one with a replica by the second move, while publishes go on.
  for (const [move, name] of ['b', 'c'].entries()) {
    const [, version] = await Promise.all([cluster.moveSlot(), publish(publisher, name)]);
    assert.is(version, move + 2);
  }
  const owner = await cluster.owner();
  await cluster.untilInStep();
  await owner.server.stop('SIGKILL');
  const last = await publishOnceBack(publisher, 'd');
  await follower.until(() => follower.state?.version === last);
  assert.equal(
    versionsTold(follower),
    Array.from({ length: last }, (_, index) => index + 1),
  );
  await follower.end();
  await cluster.bringBack(owner);
});

withCluster('a replica takes over as planned: who has a connection goes on, and is told of no fault', async () => {
  const service = await open('config-service');
  await service.admissions.serve(deskOn(service));
  const publisher = await open('publisher');
  const before = await publish(publisher, 'before-swap');
  await cluster.swapOwner();
  assert.is((await service.health()).fault, null);
  assert.is(await publish(publisher, 'after-swap'), before + 1);
});

withCluster('the owner hangs, with its connections open: they are given up, and others than it are asked', async () => {
  const told: string[] = [];
  const logger = { debug: ({ error }: { readonly error: string }) => told.push(error) };
  const service = await open('config-service');
  await service.admissions.serve(deskOn(service));
  const { server } = await cluster.owner();
  const others = cluster.nodes.filter((node) => node.server !== server);
  const url = `redis+cluster://${[{ server }, ...others].map(at).join(',')}`;
  const follower = new Listener(await open('acceptor', url), null);
  await follower.until(() => follower.state !== undefined);
  const publisher = await open('publisher', url, logger as never);
  const before = await publish(publisher, 'before-hang');
  await cluster.untilInStep();
  process.kill(server.pid, 'SIGSTOP');
  try {
    const last = await publishOnceBack(publisher, 'in-hang');
    assert.ok(last > before);
    assert.match(told.join('\n'), /owns the keys now/);
    await follower.until(() => follower.state?.version === last);
    assert.is((await (await open('publisher', url)).log.head()).version, last);
  } finally {
    process.kill(server.pid, 'SIGCONT');
  }
  await follower.end();
});

test.run();
