import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AcceptorState } from './acceptor-state.ts';
import type { Edge } from './edge.ts';
import type { Pool } from './pool.ts';
import type { Settings } from './settings.ts';

const test = suite('what an acceptor reports');

test('whoever cannot follow what the store holds says why; of a store that is away nobody hears', () => {
  const pool = { workers: () => [], figures: { list: () => [] } } as unknown as Pool;
  const edge = { inForce: { version: 7, digest: 'd' }, listeners: () => [], turn: 0 } as unknown as Edge;
  const state = new AcceptorState({ id: 'edge-1', labels: {} } as unknown as Settings, 'node', pool, edge);
  assert.equal([state.report().state, state.report().error], ['serving', null]);
  for (const code of ['behind', 'empty', 'damaged', 'untrusted']) {
    state.storeAway = { code, reason: 'version 3 is odd' };
    assert.equal([state.report().state, state.report().error], ['stale', `version 3 is odd (${code})`]);
  }
  state.storeAway = { code: 'away', reason: 'no connection' };
  assert.equal([state.report().state, state.report().error], ['stale', null]);
  state.refused = { version: 8, error: 'port 443 is in use' };
  assert.is(state.report().error, 'port 443 is in use');
});

test.run();
