// A failover that loses the newest writes: they are brought back by who has them, or given up as a whole. Nobody is ever told
// of a state that was not one version's.
import { join } from 'node:path';
import { endAll, RealProcess, skip, until } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Listener, proposal, QUICK, workload } from '../conformance/rig.ts';
import { openStore } from '../open.ts';
import type { Store, StoreRole } from '../store.ts';
import { LOG_KEY } from './keys.ts';
import { lacksSentinel, TestSentinels } from './sentinel.test-kit.ts';

const test = suite('redis: a failover that loses writes');
const lacking = lacksSentinel();
const SERVICE = join(import.meta.dirname, '../../../../apps/config-service/src/main.ts');

let rig: TestSentinels;
let service: RealProcess;
let publisher: Store;
const opened: Store[] = [];

function withSentinel(name: string, work: () => Promise<void>): void {
  if (lacking === null) test(name, work);
  else skip(test, name, `no ${lacking} on PATH`);
}

async function startService(): Promise<void> {
  const env = { SLUICE_STORE: rig.url('config-service') };
  service = new RealProcess('config-service', process.execPath, { args: [SERVICE], env });
  await service.event('serving');
}

async function open(role: StoreRole, behindGraceMs: number): Promise<Store> {
  const result = await openStore(rig.url(role), { role, follow: { ...QUICK, behindGraceMs } });
  if (!result.ok) throw result.fault;
  opened.push(result.value);
  return result.value;
}

/** The digest of the version that it became. */
async function publish(name: string, version: number): Promise<string> {
  const answer = await publisher.admissions.submit(proposal([workload(name)]), { timeoutMs: 25_000 });
  assert.ok(answer.ok && answer.version === version, JSON.stringify(answer));
  return answer.ok ? answer.digest : '';
}

async function inStep(versions: number): Promise<void> {
  const replica = rig.client(rig.other(await rig.primary()));
  await until(async () => (await replica.xlen(LOG_KEY)) === versions, 'a replica in step');
}

test.before(async () => {
  if (lacking !== null) return;
  rig = new TestSentinels();
  await rig.start();
  await startService();
  publisher = await open('publisher', 0);
});

test.after(async () => {
  for (const store of opened) await store.close();
  if (lacking === null) {
    await service.end('SIGKILL');
    await rig.stop();
  }
  await endAll();
});

withSentinel('the config service brings back what it admitted, and no follower goes back', async () => {
  const follower = new Listener(await open('acceptor', 60_000), null);
  await publish('a', 1);
  await inStep(1);
  let lost = '';
  const dead = await rig.loseWrites(async () => {
    lost = await publish('lost', 2);
    await follower.until(() => follower.state?.version === 2);
  });
  await service.event('entry-restored', ({ version }) => version === 2);
  await publish('after', 3);
  await follower.until(() => follower.state?.version === 3);
  const versions = follower.events.flatMap((event) => ('state' in event ? [event.state.version] : []));
  assert.equal([...versions].sort(), versions, 'a version came twice, or went back');
  assert.is((await publisher.log.stateAt(2))?.digest, lost);
  await follower.end();
  await rig.bringBack(dead);
});

withSentinel('where nobody has it any more it is given up as a whole, and the next one takes its number', async () => {
  const follower = new Listener(await open('acceptor', 200), null);
  const known = new Set<string>();
  for (const version of [1, 2, 3]) known.add((await publisher.log.stateAt(version))!.digest);
  await inStep(3);
  await rig.loseWrites(async () => {
    known.add(await publish('gone', 4));
    await follower.until(() => follower.state?.version === 4);
    await service.end('SIGKILL');
  });
  await follower.until(() => follower.state?.version === 3);
  const given = follower.events.findLast((event) => event.type === 'state');
  assert.ok(given?.type === 'state' && given.reason === 'rewritten');
  await startService();
  known.add(await publish('instead', 4));
  await follower.until(() => follower.state?.version === 4);
  for (const event of follower.events) if ('state' in event) assert.ok(known.has(event.state.digest));
  await follower.end();
});

test.run();
