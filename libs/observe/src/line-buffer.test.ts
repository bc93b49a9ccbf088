import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LineBuffer } from './line-buffer.ts';

const test = suite('line buffer');

function gathered(writeBytes: number, waitingBytes = Number.POSITIVE_INFINITY) {
  const writes: string[] = [];
  const sink = { write: (bytes: Uint8Array) => void writes.push(Buffer.from(bytes).toString()) };
  return { writes, lines: new LineBuffer({ sink, writeBytes, waitingBytes }) };
}

function add(lines: LineBuffer, text: string): boolean {
  const line = lines.begin();
  if (line === null) return false;
  line.text(text);
  lines.end();
  return true;
}

const line = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: fc.constantFrom('a', 'é', '世', '😀'), maxLength: 200 }),
);

test('writes whole lines, each once and in order, and none longer than asked for that has two lines', () => {
  const steps = fc.array(fc.oneof(line, fc.constant(null)), { maxLength: 60 });
  fc.assert(
    fc.property(steps, fc.integer({ min: 8, max: 200 }), (all, writeBytes) => {
      const { writes, lines } = gathered(writeBytes);
      for (const each of all) each === null ? lines.flush() : add(lines, `${each.replaceAll('\n', ' ')}\n`);
      lines.flush();
      const added = all.filter((each) => each !== null).map((each) => `${each.replaceAll('\n', ' ')}\n`);
      assert.is(writes.join(''), added.join(''));
      for (const text of writes) {
        assert.ok(text.endsWith('\n'));
        assert.ok(Buffer.byteLength(text) <= writeBytes || text.indexOf('\n') === text.length - 1);
      }
      assert.ok(lines.isEmpty);
    }),
    { numRuns: 500 },
  );
});

test('texts are quoted, and numbers written, as JSON has them, wherever in a write they fall', () => {
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', '\x7f', 'é', '\ud800', '\u2028') }),
    fc.maxSafeInteger(),
    fc.constantFrom(0, 9, 10, 99, 100, 2 ** 30 - 1, 2 ** 30, 2 ** 31, 1e9, 999_999_999),
  );
  fc.assert(
    fc.property(fc.array(fc.array(value), { maxLength: 20 }), fc.integer({ min: 8, max: 60 }), (all, writeBytes) => {
      const { writes, lines } = gathered(writeBytes);
      for (const values of all) {
        const line = lines.begin()?.text('[');
        for (const [n, each] of values.entries()) {
          if (n > 0) line?.text(',');
          typeof each === 'number' ? line?.number(each) : line?.quoted(each);
        }
        line?.text(']\n');
        lines.end();
      }
      lines.flush();
      assert.is(writes.join(''), all.map((values) => `${JSON.stringify(values)}\n`).join(''));
    }),
    { numRuns: 500 },
  );
});

test('a line that a fault left without its end is not written', () => {
  const { writes, lines } = gathered(100);
  add(lines, 'one\n');
  lines.begin()?.text('half');
  add(lines, 'two\n');
  lines.flush();
  assert.equal(writes, ['one\ntwo\n']);
});

test('lines beyond what may wait are dropped and counted, until some are written', () => {
  const { writes, lines } = gathered(10, 20);
  const added = Array.from({ length: 10 }, (_, n) => add(lines, `line ${n}\n`));
  assert.equal(added, [true, true, true, ...Array(7).fill(false)]);
  assert.is(lines.takeDropped(), 7);
  assert.is(lines.takeDropped(), 0);
  assert.is(lines.handedBytes, 14);
  lines.done(14);
  assert.ok(add(lines, 'more\n'));
  lines.flush();
  assert.is(writes.join(''), 'line 0\nline 1\nline 2\nmore\n');
});

test.run();
