// The users of deploy/redis/users.acl on a real server: each can do the whole of its work, and nothing of the others'.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endAll, findRedis, skip, startRedis, until } from '@sluice/testkit';
import { type AcceptorReport, EMPTY_STATE } from '@sluice/version';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { appendMany, deskOn, entryOn, Listener, proposal, QUICK, workload } from '../conformance/rig.ts';
import { openStore } from '../open.ts';
import type { Store, StoreRole } from '../store.ts';
import type { StoreFault } from '../store-fault.ts';
import { CHECKPOINTS_KEY, checkpointKey, HEAD_KEY, LOG_KEY, PREFIX, QUEUE_NAME, REPORTS_KEY } from './keys.ts';
import { type User, type Users, writeUsers } from './users.test-kit.ts';

const test = suite('redis: users by role');
const folder = mkdtempSync(join(tmpdir(), 'sluice-users-'));
const users = writeUsers(folder);
const server = findRedis() === null ? null : await startRedis(() => ({ aclfile: users.path }));
const opened: Store[] = [];
const clients: Redis[] = [];

interface Rights {
  readonly users: Users;
  readonly operator: Redis;
}

function as(user: User): Redis {
  const client = new Redis(users.url(user, server!.port), { retryStrategy: () => null, disableClientInfo: true });
  client.on('error', () => {});
  clients.push(client);
  return client;
}

const operator = server === null ? null : as('operator');

function withUsers(name: string, work: (rights: Rights) => Promise<void>): void {
  if (operator === null) skip(test, name, 'no redis-server on PATH');
  else test(name, () => work({ users, operator }));
}

async function open(role: StoreRole, options: { readonly retainVersions?: number } = {}): Promise<Store> {
  const result = await openStore(users.url(role, server!.port), { role, follow: QUICK, ...options });
  if (!result.ok) throw result.fault;
  opened.push(result.value);
  return result.value;
}

function report(id: string): AcceptorReport {
  return {
    ...{ id, version: 1, digest: 'd', state: 'serving', labels: {}, engine: 'node', listeners: [], commitMs: [] },
    ...{
      error: null,
      refused: null,
      quarantined: [],
      idle: [],
      figures: [],
      startedMs: 1,
      timeMs: 2,
      inForceMs: 3,
      workers: [],
    },
  };
}

/** What was denied to whom, by the server's own account. */
async function denials({ operator }: Rights): Promise<string[]> {
  const rows = (await operator.call('ACL', 'LOG', '200')) as (readonly unknown[] | Record<string, unknown>)[];
  return rows.map((row) => {
    const pairs = Array.isArray(row)
      ? Object.fromEntries(row.flatMap((_, i) => (i % 2 ? [] : [[row[i], row[i + 1]]])))
      : row;
    const { username, reason, object } = pairs as Record<string, string>;
    return `username ${username} ${reason} object ${object}`;
  });
}

test.before.each(async () => {
  await operator?.flushall();
  await operator?.call('ACL', 'LOG', 'RESET');
});

test.after.each(async () => {
  for (const store of opened.splice(0)) await store.close();
});

test.after(async () => {
  for (const client of clients) client.disconnect();
  await server?.remove();
  await endAll();
  rmSync(folder, { recursive: true, force: true });
});

withUsers(
  'publish, admit, follow, report, keep history: the whole work, and nothing of it is denied',
  async (rights) => {
    const service = await open('config-service', { retainVersions: 2 });
    const desk = deskOn(service);
    let failures = 1;
    await service.admissions.serve(async (each) => {
      if (failures-- > 0) throw new Error('not now');
      return desk(each);
    });
    const acceptor = await open('acceptor');
    const listener = new Listener(acceptor, null);
    const publisher = await open('publisher');
    const once = proposal([workload('a')]);
    for (const each of [once, once, proposal([workload('b')], { expectVersion: 7 })])
      await publisher.admissions.submit(each, { timeoutMs: 15_000 });
    for (let version = 2; version <= 6; version++) {
      const answer = await publisher.admissions.submit(proposal([workload(`w${version}`)]), { timeoutMs: 15_000 });
      assert.ok(answer.ok && answer.version === version);
      const state = await service.log.catchUp(null);
      await service.log.writeCheckpoint(state);
    }
    await listener.until(() => listener.state?.version === 6);
    await listener.end();
    await acceptor.reports.put(report('a'));
    await acceptor.reports.put(report('b'));
    await acceptor.reports.remove('b');
    for (const store of [publisher, service]) assert.is((await store.reports.list()).length, 1);
    assert.ok((await publisher.log.history(7, 10)).length > 1);
    assert.is((await publisher.log.stateAt('head'))?.version, 6);
    assert.ok((await publisher.log.entries(5, 10)).length === 1 && (await publisher.log.newestCheckpoint()) === 6);
    for (const store of [publisher, service, acceptor]) assert.is((await store.health()).warning, null);
    const fresh = new Listener(await open('acceptor'), null);
    await fresh.until(() => fresh.state?.version === 6);
    await fresh.end();
    assert.equal(await denials(rights), []);
  },
);

withUsers('what goes wrong is put right with these users too', async (rights) => {
  const killed = await open('config-service');
  let taken = () => {};
  const isTaken = new Promise<void>((resolve) => {
    taken = resolve;
  });
  await killed.admissions.serve(() => {
    taken();
    return new Promise(() => {});
  });
  const publisher = await open('publisher');
  const answer = publisher.admissions.submit(proposal([workload('a')]), { timeoutMs: 25_000 });
  answer.catch(() => {});
  await Promise.race([isTaken, answer]);
  await killed.close();
  const service = await open('config-service');
  const serving = await service.admissions.serve(deskOn(service));
  assert.ok((await answer).ok);
  const one = await service.log.catchUp(null);
  const stray = entryOn(one, proposal([workload('stray')])).entry;
  await rights.operator.xadd(LOG_KEY, '2-0', 'entry', JSON.stringify(stray));
  const two = await appendMany(service, one, 1);
  await rights.operator.flushall();
  assert.ok(await service.log.restore(two));
  await serving.close();
  // Given up after its last try, and taken back between two tries.
  let tries = 0;
  const failing = await service.admissions.serve(async () => {
    tries++;
    throw new Error('never');
  });
  const queue = new Queue(QUEUE_NAME, { connection: as('publisher'), prefix: PREFIX, skipMetasUpdate: true });
  const job = await queue.add('proposal', proposal([]), { jobId: 'given-up', removeOnFail: { age: 60, count: 1 } });
  await until(() => job.isFailed(), 'a job that is given up');
  await publisher.admissions.submit(proposal([workload('c')]), { timeoutMs: 100 }).catch(() => {});
  await until(() => tries === 2, 'a second try');
  await queue.close();
  await failing.close();
  const waiting = publisher.admissions.submit(proposal([workload('late')]), { timeoutMs: 200 });
  assert.is(await waiting.catch(({ code }: StoreFault) => code), 'timeout');
  assert.equal(await denials(rights), []);
});

/** Through the store, as our own code would, if it were turned against us. */
const MISUSE: readonly (readonly [StoreRole, string, (store: Store) => Promise<unknown>])[] = [
  ['acceptor', 'append a version', (store) => store.log.append(entryOn(EMPTY_STATE, proposal([workload('x')])).entry)],
  ['acceptor', 'write a checkpoint', (store) => store.log.writeCheckpoint(EMPTY_STATE)],
  ['acceptor', 'restore a state', (store) => store.log.restore(EMPTY_STATE)],
  ['acceptor', 'put a job', (store) => store.admissions.submit(proposal([workload('x')]), { timeoutMs: 5_000 })],
  ['acceptor', 'serve admissions', (store) => store.admissions.serve(deskOn(store))],
  ['publisher', 'append a version', (store) => store.log.append(entryOn(EMPTY_STATE, proposal([workload('x')])).entry)],
  ['publisher', 'write a checkpoint', (store) => store.log.writeCheckpoint(EMPTY_STATE)],
  ['publisher', 'restore a state', (store) => store.log.restore(EMPTY_STATE)],
  ['publisher', 'write a report', (store) => store.reports.put(report('x'))],
  ['publisher', 'take a report away', (store) => store.reports.remove('x')],
  ['config-service', 'write a report', (store) => store.reports.put(report('x'))],
  ['config-service', 'take a report away', (store) => store.reports.remove('x')],
];

for (const [role, what, work] of MISUSE) {
  withUsers(`the ${role} cannot ${what}, and is told the command and the user`, async () => {
    const store = await open(role);
    const fault = await work(store).then(
      () => undefined,
      (error: StoreFault) => error,
    );
    assert.is(fault?.code, 'denied', String(fault));
    assert.match(fault!.message, new RegExp(`user "${role}" may not run [a-z]+`));
    assert.not.match(`${fault!.stack} ${JSON.stringify(fault)}`, new RegExp(users.password(role)));
  });
}

const EVERYBODY = [
  ['GET', 'another'],
  ['SET', 'another', '1'],
  ['KEYS', '*'],
  ['SCAN', '0'],
  ['FLUSHALL'],
  ['FLUSHDB'],
  ['CONFIG', 'GET', '*'],
  ['CONFIG', 'SET', 'maxmemory', '1'],
  ['ACL', 'LIST'],
  ['ACL', 'SETUSER', 'operator', 'nopass'],
  ['CLIENT', 'LIST'],
  ['CLIENT', 'KILL', 'TYPE', 'normal'],
  ['CLUSTER', 'RESET'],
  ['REPLICAOF', 'NO', 'ONE'],
  ['SCRIPT', 'FLUSH'],
  ['FUNCTION', 'FLUSH'],
  ['SHUTDOWN', 'NOSAVE'],
  ['MONITOR'],
  ['SUBSCRIBE', 'x'],
  ['SWAPDB', '0', '1'],
  ['MIGRATE', '127.0.0.1', '1', LOG_KEY, '0', '1'],
  ['RENAME', HEAD_KEY, 'another'],
  ['EXPIRE', HEAD_KEY, '1'],
  ['EVAL', "return redis.call('FLUSHALL')", '0'],
  ['EVAL', "return redis.call('GET', 'another')", '0'],
];

/** Keys that only the config service writes, and how. */
const LOG_WRITES = [
  ['XADD', LOG_KEY, '*', 'entry', '{}'],
  ['XTRIM', LOG_KEY, 'MAXLEN', '0'],
  ['XDEL', LOG_KEY, '1-0'],
  ['DEL', LOG_KEY],
  ['SET', HEAD_KEY, '9 0'],
  ['DEL', HEAD_KEY],
  ['SET', checkpointKey(1), 'x'],
  ['ZADD', CHECKPOINTS_KEY, '1', '1'],
  ['ZREM', CHECKPOINTS_KEY, '1'],
  ['EVAL', `return redis.call('SET', '${HEAD_KEY}', 'x')`, '0'],
  ['EVAL', `return redis.call('SET', KEYS[1], 'x')`, '1', HEAD_KEY],
  ['EVAL', `return redis.call('XADD', KEYS[1], '*', 'a', 'b')`, '1', LOG_KEY],
];

const JOBS = `${PREFIX}:admissions`;

const FORBIDDEN: Readonly<Record<StoreRole, readonly (readonly string[])[]>> = {
  acceptor: [
    ...EVERYBODY,
    ...LOG_WRITES,
    ['LPUSH', `${JOBS}:wait`, 'x'],
    ['HSET', `${JOBS}:x`, 'data', '{}'],
    ['HSET', `${JOBS}:meta`, 'paused', '1'],
    ['ZADD', `${JOBS}:marker`, '0', '0'],
    ['ZADD', `${PREFIX}:desks`, '1', 'x'],
    ['HGETALL', REPORTS_KEY],
    ['DEL', REPORTS_KEY],
  ],
  publisher: [
    ...EVERYBODY,
    ...LOG_WRITES,
    ['HSET', REPORTS_KEY, 'a', '{}'],
    ['HDEL', REPORTS_KEY, 'a'],
    ['DEL', REPORTS_KEY],
    ['ZADD', `${PREFIX}:desks`, '1', 'x'],
    ['RPOPLPUSH', `${JOBS}:wait`, `${JOBS}:active`],
    ['BZPOPMIN', `${JOBS}:marker`, '1'],
    ['SET', `${JOBS}:x:lock`, 'mine'],
  ],
  'config-service': [
    ...EVERYBODY,
    ['HSET', REPORTS_KEY, 'a', '{}'],
    ['HDEL', REPORTS_KEY, 'a'],
    ['DEL', REPORTS_KEY],
    ['SET', `${PREFIX}:else`, '1'],
  ],
};

for (const [role, attempts] of Object.entries(FORBIDDEN)) {
  withUsers(`the ${role} is refused each of ${attempts.length} commands that are not its business`, async () => {
    const client = as(role as StoreRole);
    const allowed: string[] = [];
    for (const [command = '', ...args] of attempts) {
      const outcome = await client.call(command, ...args).then(
        () => 'done',
        (error: Error) => error.message,
      );
      if (!/NOPERM|ACL failure|user executing the script can't/.test(outcome))
        allowed.push(`${command} ${args.join(' ')}: ${outcome}`);
    }
    assert.equal(allowed, []);
  });
}

withUsers('a wrong password and an unknown user are told, without the password', async () => {
  for (const user of ['publisher', 'nobody']) {
    const result = await openStore(`redis://${user}:s3cret@127.0.0.1:${server!.port}`, { role: 'publisher' });
    assert.ok(!result.ok && result.fault.code === 'denied');
    if (result.ok) continue;
    assert.match(result.fault.message, new RegExp(`user "${user}" was refused`));
    assert.not.match(`${result.fault.stack} ${JSON.stringify(result.fault)} ${result.fault.cause}`, /s3cret/);
  }
  const none = await openStore(`redis://127.0.0.1:${server!.port}`, { role: 'publisher' });
  assert.ok(!none.ok && none.fault.code === 'denied' && /none is given/.test(none.fault.message));
});

withUsers(
  'where INFO is denied it is said that nothing could be checked, and the work goes on',
  async ({ operator }) => {
    await operator.call('ACL', 'SETUSER', 'acceptor', '-info');
    try {
      const { fault, warning } = await (await open('acceptor')).health();
      assert.is(fault, null);
      assert.match(warning ?? '', /user "acceptor" may not run info.*noeviction.*cannot be checked/);
    } finally {
      await operator.call('ACL', 'SETUSER', 'acceptor', '+info');
    }
  },
);

withUsers(
  'a user that is taken away in between is told as such, and all is well when it is back',
  async ({ operator }) => {
    const store = await open('acceptor');
    const listener = new Listener(store, null);
    await listener.until(() => listener.state !== undefined);
    await operator.call('ACL', 'SETUSER', 'acceptor', 'off');
    await operator.call('CLIENT', 'KILL', 'USER', 'acceptor');
    await listener.until(() => listener.types().includes('away'));
    const code = () =>
      store.log.head().then(
        () => 'none',
        (error: StoreFault) => error.code,
      );
    await until(async () => (await code()) !== 'none', 'a fault');
    await operator.call('ACL', 'SETUSER', 'acceptor', 'on');
    await listener.until(() => listener.types().at(-1) === 'back');
    await until(async () => (await code()) === 'none', 'no fault');
    await listener.end();
  },
);

test.run();
