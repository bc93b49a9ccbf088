// A store behind Sentinels, with real redis-server and redis-sentinel processes, a real config service, and a primary that
// is killed: every follower sees every version, and a publisher that waits gets its answer.
import { join } from 'node:path';
import { endAll, RealProcess, skip, until } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Listener, proposal, QUICK, workload } from '../conformance/rig.ts';
import { openStore } from '../open.ts';
import type { Store, StoreRole } from '../store.ts';
import { LOG_KEY } from './keys.ts';
import { lacksSentinel, TestSentinels } from './sentinel.test-kit.ts';

const test = suite('redis: Sentinel');
const lacking = lacksSentinel();
const SERVICE = join(import.meta.dirname, '../../../../apps/config-service/src/main.ts');

let rig: TestSentinels;
let service: RealProcess;
const opened: Store[] = [];

function withSentinel(name: string, work: () => Promise<void>): void {
  if (lacking === null) test(name, work);
  else skip(test, name, `no ${lacking} on PATH`);
}

async function open(role: StoreRole): Promise<Store> {
  const result = await openStore(rig.url(role), { role, follow: { ...QUICK, behindGraceMs: 60_000 } });
  if (!result.ok) throw result.fault;
  opened.push(result.value);
  return result.value;
}

async function publish(publisher: Store, name: string): Promise<number> {
  const answer = await publisher.admissions.submit(proposal([workload(name)]), { timeoutMs: 25_000 });
  if (!answer.ok) throw new Error(JSON.stringify(answer.rejection));
  return answer.version;
}

test.before(async () => {
  if (lacking !== null) return;
  rig = new TestSentinels();
  await rig.start();
  const env = { SLUICE_STORE: rig.url('config-service') };
  service = new RealProcess('config-service', process.execPath, { args: [SERVICE], env });
  await service.event('serving');
});

test.after(async () => {
  for (const store of opened) await store.close();
  if (lacking === null) {
    await service.end();
    await rig.stop();
  }
  await endAll();
});

withSentinel('a master that the Sentinels do not know is told, and so are Sentinels that are away', async () => {
  const unknown = await openStore(rig.url('publisher', 'else'), { role: 'publisher' });
  assert.ok(!unknown.ok && unknown.fault.code === 'bad-url', unknown.ok ? '' : unknown.fault.message);
  assert.match(unknown.ok ? '' : unknown.fault.message, /\/else: the Sentinels know no master of this name/);
  const away = await openStore('redis+sentinel://u:s3cret@127.0.0.1:1,127.0.0.1:2/m', { role: 'publisher' });
  assert.ok(!away.ok && away.fault.code === 'away');
  assert.match(away.ok ? '' : away.fault.message, /127\.0\.0\.1:2\/m: .*sentinel 127\.0\.0\.1:[12] /);
  assert.not.match(away.ok ? '' : `${away.fault.stack}`, /s3cret/);
});

withSentinel('the primary is killed between two publishes: every follower sees every version', async () => {
  const publisher = await open('publisher');
  const followers = [new Listener(await open('acceptor'), null), new Listener(await open('acceptor'), null)];
  await publish(publisher, 'a');
  await publish(publisher, 'b');
  for (const follower of followers) await follower.until(() => follower.state?.version === 2);
  await rig.killSentinel();
  const dead = await rig.primary();
  const replica = rig.client(rig.other(dead));
  await until(async () => (await replica.xlen(LOG_KEY)) === 2, 'a replica in step');
  await dead.stop('SIGKILL');
  // Asked while there is no primary: it fails at once, or waits for the new one.
  const asked = await publish(publisher, 'c').catch(({ code }: { readonly code: string }) => code);
  assert.ok(asked === 3 || asked === 'away', String(asked));
  await rig.untilPrimary(rig.other(dead));
  const last = await publish(publisher, 'd');
  assert.is(last, asked === 3 ? 4 : 3);
  for (const follower of followers) {
    await follower.until(() => follower.state?.version === last);
    const told = follower.events.flatMap((event) => (event.type === 'entry' ? [event.entry.version] : []));
    const first = last - told.length + 1;
    assert.equal(
      told,
      told.map((_, index) => first + index),
    );
    const started = follower.events.flatMap((event) => (event.type === 'state' ? [event.reason] : []));
    assert.equal(started, ['first']);
    await follower.end();
  }
  const lines = service.output.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
  assert.equal(lines, [], 'something else than our log');
});

// The last one: a Sentinel whose clock seems to have jumped takes no part in a failover for half a minute.
withSentinel('a Sentinel that hangs is passed over for the next one', async () => {
  await rig.whileSentinelHangs(async () => {
    const publisher = await open('publisher');
    const follower = new Listener(await open('acceptor'), null);
    await follower.until(() => follower.state !== undefined);
    await publisher.log.head();
    await follower.end();
  });
});

test.run();
