import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BulkLog } from './bulk-log.ts';

const test = suite('bulk log');

function opened(options: { level?: string; fields?: Record<string, unknown>; writeBytes?: number } = {}) {
  const writes: string[] = [];
  const later: (() => void)[] = [];
  let done = (_bytes: number) => {};
  const log = new BulkLog({
    component: 'acceptor',
    level: options.level ?? 'info',
    fields: options.fields ?? { acceptor: 'a', worker: 0 },
    writeBytes: options.writeBytes ?? 4096,
    later: (call) => later.push(call),
    open: (told) => {
      done = told;
      return { write: (bytes) => writes.push(Buffer.from(bytes).toString()), flushSync: () => writes.push('sync') };
    },
  });
  const passTime = () => {
    for (const call of later.splice(0)) call();
  };
  return { log, writes, passTime, done: (bytes: number) => done(bytes) };
}

function info(log: BulkLog, fields: string, timeMs = 0): void {
  if (log.beginInfo(timeMs)?.text(fields) !== undefined) log.end();
}

const withoutTime = (line: string) => line.replace(/"time":"[^"]*"/, '"time":""');

test('a line put together in place is what pino writes for the same fields', () => {
  const fields = fc.dictionary(fc.stringMatching(/^[a-z]\w{0,8}$/), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 5 });
  fc.assert(
    fc.property(fields, fields, (base, own) => {
      const { log, writes } = opened({ fields: base, writeBytes: 1 });
      log.logger.info(own);
      const inner = JSON.stringify(own).slice(1, -1);
      info(log, inner === '' ? '' : `,${inner}`, Date.now());
      void log.flushed();
      assert.is(writes.length, 2);
      assert.is(withoutTime(writes[1]), withoutTime(writes[0]));
    }),
  );
});

test('the time is the one given, as ISO 8601 has it', () => {
  const { log, writes } = opened();
  for (const timeMs of [0, 1, 1, 1_800_000_000_123]) info(log, ',"event":"x"', timeMs);
  void log.flushed();
  const times = writes[0]
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).time);
  assert.equal(
    times,
    [0, 1, 1, 1_800_000_000_123].map((ms) => new Date(ms).toISOString()),
  );
});

test("pino's lines keep their place among those put together in place, and its level holds", () => {
  const { log, writes, passTime } = opened();
  info(log, ',"n":1');
  log.logger.warn({ n: 2 });
  log.logger.debug({ n: 'not told' });
  log.logger.level = 'debug';
  log.logger.debug({ n: 3 });
  info(log, ',"n":4');
  assert.equal(writes, []);
  passTime();
  const told = writes[0]
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(
    told.map(({ level, n }) => [level, n]),
    [
      ['info', 1],
      ['warn', 2],
      ['debug', 3],
      ['info', 4],
    ],
  );
});

test('a line waits for others once, and is asked for by nobody', () => {
  const { log, writes, passTime } = opened();
  info(log, ',"n":1');
  passTime();
  info(log, ',"n":2');
  passTime();
  passTime();
  assert.is(writes.length, 2);
});

test('flushed says when everything is out; flushSync hands over and waits', async () => {
  const { log, writes, done } = opened();
  await log.flushed();
  info(log, ',"n":1');
  let flushed = false;
  const out = log.flushed().then(() => (flushed = true));
  await Promise.resolve();
  assert.not(flushed);
  done(Buffer.byteLength(writes[0]));
  await out;
  info(log, ',"n":2');
  log.flushSync();
  assert.is(writes.length, 3);
  assert.is(writes[2], 'sync');
});

test('lines that a standing reader cost are told of when it reads again', () => {
  const { log, writes, passTime, done } = opened({ writeBytes: 1 << 20 });
  const fields = `,"text":"${'x'.repeat(1 << 20)}"`;
  for (let n = 0; n < 8; n++) info(log, fields);
  const bytes = writes.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  assert.ok(bytes < 6 << 20);
  const kept = writes.length;
  done(bytes);
  passTime();
  const { level, event, lines } = JSON.parse(writes.at(-1) ?? '');
  assert.equal([level, event, lines], ['warn', 'log-lines-dropped', 8 - kept]);
});

test.run();
