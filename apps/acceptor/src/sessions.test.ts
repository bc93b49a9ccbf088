import type { Address, DialTo, End, EndAddresses, RelayReport, Result, TlsEngine, WorkerEngine } from '@sluice/engine';
import { engineError } from '@sluice/engine';
import { BulkLog } from '@sluice/observe';
import { attachTable, type ClusterPlan, encodeTable } from '@sluice/route-table';
import { defaultSettings } from '@sluice/session';
import { createLive, openLive, SlotBook } from '@sluice/upstream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Counters, counterIndex, outcomeIndex } from './counters.ts';
import { Figures } from './figures.ts';
import type { WorkerTask } from './messages.ts';
import { Sessions } from './sessions.ts';
import { writeTlsList } from './tls-list.ts';
import { TurnBook } from './turn-book.ts';

const test = suite('sessions');
const addresses: EndAddresses = {
  localAddress: '192.0.2.1',
  localPort: 443,
  remoteAddress: '198.51.100.9',
  remotePort: 40_000,
};

/** Answers each dial as told, and holds relays until they are ended. */
class ScriptedEngine {
  readonly resets: End[] = [];
  readonly relays: ((report: RelayReport) => void)[] = [];
  answer: Result<End> = { ok: true, value: 100 };

  addresses(): EndAddresses {
    return addresses;
  }

  localAddress(): Address {
    return { address: '192.0.2.1', port: 50_000 };
  }

  dial(_to: DialTo, done: (result: Result<End>) => void): () => void {
    done(this.answer);
    return () => {};
  }

  relay(_down: End, _up: End, _limits: object, done: (report: RelayReport) => void) {
    this.relays.push(done);
    const end = () => done({ cause: 'ordered', downstream: 'ordered', upstream: 'ordered', bytesUp: 3, bytesDown: 4 });
    return { bytesUp: 3, bytesDown: 4, end };
  }

  reset(end: End): void {
    this.resets.push(end);
  }
}

function world() {
  const endpoint = { address: '10.0.0.1', port: 80, weight: 1 };
  const cluster: ClusterPlan = {
    name: 'outbound|80||echo',
    host: 'echo',
    subset: '',
    port: 80,
    balancer: 'round-robin',
    hashTableSize: 0,
    connectTimeoutMs: 1000,
    maxConnections: 0,
    keepalive: null,
    proxyProtocol: 0,
    outlier: null,
    endpoints: [endpoint],
  };
  const route = { name: 'r', destinations: [{ cluster: 0, weight: 1 }], idleTimeoutMs: 0, maxDurationMs: 0 };
  const chains = [{ names: ['*'], rules: [{ conditions: [], route }] }];
  const listener = { name: 'l', bind: '', port: 443, gateways: [], inspectsTls: false, chains, authorization: [] };
  const table = attachTable(encodeTable({ listeners: [listener], clusters: [cluster], authorization: [] }));
  const counters = new Counters(1);
  const figures = new Figures(1);
  const live = createLive(1);
  const turns = new SharedArrayBuffer(4);
  const task = { worker: 0, counters: counters.buffer, figures: figures.buffer, live, turns };
  const book = new TurnBook({ ...task, settings: defaultSettings } as unknown as WorkerTask);
  const slots = new SlotBook(openLive(live)).assign(table);
  const compiled = { version: 7, digest: '', table, slots, tls: writeTlsList([]) };
  book.prepare({ type: 'prepare', turn: 1, compiled, listeners: [0] });
  figures.begin(1, 7);
  Atomics.store(new Int32Array(turns), 0, 1);
  book.committed(1);
  const lines: string[] = [];
  const log = new BulkLog({
    component: 'acceptor',
    level: 'info',
    writeBytes: 1,
    later: () => {},
    open: () => ({ write: (bytes) => lines.push(Buffer.from(bytes).toString()), flushSync: () => {} }),
  });
  const engine = new ScriptedEngine();
  const sessions = new Sessions({ ...task, settings: defaultSettings } as unknown as WorkerTask, book, log);
  sessions.use(engine as unknown as WorkerEngine, engine as unknown as TlsEngine);
  const told = () => {
    void sessions.logged();
    return lines.map((line) => JSON.parse(line));
  };
  return { sessions, engine, told, row: counters.row(0), figures: () => figures.list(1)[0] };
}

test('a session is counted while it runs and told at its close', () => {
  const { sessions, engine, told, row, figures } = world();
  sessions.accepted(1, 0);
  sessions.accepted(2, 0);
  assert.is(row[counterIndex.active], 2);
  sessions.tally();
  assert.is(row[counterIndex.bytesReceived], 6);
  engine.relays[0]({ cause: 'closed', downstream: 'end', upstream: 'end', bytesUp: 3, bytesDown: 4 });
  assert.equal([row[counterIndex.active], row[counterIndex.closed], row[outcomeIndex.closed]], [1, 1, 1]);
  assert.equal([row[counterIndex.bytesReceived], row[counterIndex.bytesSent]], [6, 8]);
  assert.equal([figures().open, figures().connections], [1, 2]);
  assert.equal(
    told().map(({ event, version, cluster, endpoint, reason }) => [event, version, cluster, endpoint, reason]),
    [['session', 7, 'outbound|80||echo', '10.0.0.1:80', 'closed']],
  );
  assert.is(sessions.list(10).length, 1);
});

test('sessions end by order, those chosen and no other', () => {
  const { sessions, told } = world();
  for (const end of [1, 2, 3]) sessions.accepted(end, 0);
  assert.is(sessions.end({ cluster: 'another' }, 'close'), 0);
  assert.is(sessions.end({ version: 7 }, 'close'), 3);
  assert.equal(
    told().map(({ session, reason }) => [session, reason]),
    [
      [1, 'ordered'],
      [2, 'ordered'],
      [3, 'ordered'],
    ],
  );
  assert.is(sessions.list(10).length, 0);
});

test('a lack of descriptors is an error that says what to do, once for many connections', () => {
  const { sessions, engine, told, row } = world();
  engine.answer = { ok: false, error: engineError('EMFILE', 'cannot connect to 10.0.0.1:80') };
  for (let end = 1; end <= 50; end++) sessions.accepted(end, 0);
  assert.is(row[counterIndex.connectFailures], 50);
  const complaints = told().filter(({ event }) => event === 'no-descriptor');
  assert.is(complaints.length, 1);
  const [{ level, reason, msg }] = complaints;
  assert.is(level, 'error');
  assert.match(reason, 'EMFILE');
  assert.match(msg, 'LimitNOFILE');
  engine.answer = { ok: false, error: engineError('ECONNREFUSED', 'cannot connect to 10.0.0.1:80') };
  sessions.accepted(51, 0);
  assert.is(told().filter(({ level }) => level === 'error').length, 1);
});

test.run();
