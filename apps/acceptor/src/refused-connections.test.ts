import type { Logger } from '@sluice/observe';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RefusedConnections } from './refused-connections.ts';

const test = suite('refused connections');

test('what meets every connection is told once in a while, each kind by itself, with how many there were', () => {
  const lines: unknown[][] = [];
  const line = (fields: object, text?: string) => void lines.push([fields, text]);
  let nowMs = 0;
  const refused = new RefusedConnections({ error: line, warn: line } as unknown as Logger, () => nowMs);
  const exhausted = { code: 'descriptors', message: 'accept on 127.0.0.1:80: EMFILE' } as const;
  for (let i = 0; i < 500; i++) refused.fault(exhausted);
  refused.fault({ code: 'other', message: 'x' });
  for (let i = 0; i < 7; i++) refused.withoutPlace(2, 22);
  assert.is(lines.length, 3);
  assert.equal(lines[0]?.[0], { event: 'accept-failed', ...exhausted, failures: 1 });
  assert.match(String(lines[0]?.[1]), /ulimit -n/);
  assert.is(lines[1]?.[1], undefined);
  assert.equal(lines[2]?.[0], { event: 'connections-refused', refused: 1, workers: 2, maxSessions: 22 });
  nowMs = 10_000;
  refused.fault(exhausted);
  refused.withoutPlace(0, 22);
  assert.equal(lines[3]?.[0], { event: 'accept-failed', ...exhausted, failures: 500 });
  assert.match(String(lines[4]?.[1]), /no worker serves/);
});

test.run();
