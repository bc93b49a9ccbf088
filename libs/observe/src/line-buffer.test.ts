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

const line = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: fc.constantFrom('a', 'é', '世', '😀'), maxLength: 200 }),
);

test('writes whole lines, each once and in order, and none longer than asked for that has two lines', () => {
  const steps = fc.array(fc.oneof(line, fc.constant(null)), { maxLength: 60 });
  fc.assert(
    fc.property(steps, fc.integer({ min: 8, max: 200 }), (all, writeBytes) => {
      const { writes, lines } = gathered(writeBytes);
      for (const each of all) each === null ? lines.flush() : lines.add(`${each.replaceAll('\n', ' ')}\n`);
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

test('lines beyond what may wait are dropped and counted, until some are written', () => {
  const { writes, lines } = gathered(10, 20);
  const added = Array.from({ length: 10 }, (_, n) => lines.add(`line ${n}\n`));
  assert.equal(added, [true, true, true, ...Array(7).fill(false)]);
  assert.is(lines.takeDropped(), 7);
  assert.is(lines.takeDropped(), 0);
  assert.is(lines.handedBytes, 14);
  lines.done(14);
  assert.ok(lines.add('more\n'));
  lines.flush();
  assert.is(writes.join(''), 'line 0\nline 1\nline 2\nmore\n');
});

test.run();
