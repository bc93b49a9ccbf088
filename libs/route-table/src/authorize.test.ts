import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { authorize, createAuthorizationReport } from './authorize.ts';
import { setSource } from './connection.ts';
import { encodeTable } from './encode.ts';
import { createFacts } from './facts.ts';
import { openTable } from './open.ts';
import type { AuthorizationPlan, TablePlan } from './plan.ts';
import * as arbitrary from './plan-arbitrary.ts';
import { naiveAuthorize, naiveReport } from './plan-oracle.ts';
import type { RouteTable } from './table.ts';

const test = suite('authorize');
const facts = createFacts();
const report = createAuthorizationReport();

function opened(plan: TablePlan): RouteTable {
  const opening = openTable(encodeTable(plan));
  if (!opening.ok) throw new Error(opening.reason);
  return opening.table;
}

test('agrees with the plain reading of the policies', () => {
  const connections = fc.array(arbitrary.connection, { minLength: 20, maxLength: 20, size: 'max' });
  fc.assert(
    fc.property(arbitrary.plan, connections, (plan, cases) => {
      const table = opened(plan);
      for (const connection of cases) {
        arbitrary.fillFacts(facts, connection);
        for (const listener of plan.listeners.keys()) {
          const expected = naiveAuthorize(plan, listener, connection);
          assert.is(authorize(table, listener, facts), expected);
          assert.is(authorize(table, listener, facts, report), expected);
          assert.equal([...report.matched.subarray(0, report.count)], naiveReport(plan, listener, connection));
          assert.is(report.dryRunVerdict, naiveAuthorize(plan, listener, connection, true));
        }
      }
    }),
    { numRuns: 500 },
  );
});

function policed(...policies: Pick<AuthorizationPlan, 'action' | 'rules'>[]): RouteTable {
  const authorization = policies.map((policy, index) => ({ name: `ns/${index}`, dryRun: false, ...policy }));
  const listener = { name: 'l', bind: '', port: 1, gateways: [], inspectsTls: false, chains: [] };
  return opened({
    listeners: [{ ...listener, authorization: [...authorization.keys()] }],
    clusters: [],
    authorization,
  });
}

test('without policies everything is allowed, with an allow policy without rules nothing', () => {
  assert.is(authorize(policed(), 0, facts), -1);
  assert.is(authorize(policed({ action: 'allow', rules: [] }), 0, facts), -2);
  assert.is(authorize(policed({ action: 'allow', rules: [[]] }), 0, facts), -1);
});

test('a deny policy goes before an allow policy, wherever it stands', () => {
  const table = policed(
    { action: 'allow', rules: [[]] },
    { action: 'deny', rules: [[{ fact: 'source', not: true, cidrs: ['10.0.0.0/8'] }]] },
  );
  setSource(facts, '10.0.0.1');
  assert.is(authorize(table, 0, facts), -1);
  setSource(facts, '11.0.0.1');
  assert.is(authorize(table, 0, facts), 1);
  setSource(facts, 'unix');
  assert.is(authorize(table, 0, facts), 1);
});

test.run();
