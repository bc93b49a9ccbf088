import { decodeTable, TableEditor, type TablePlan } from '@sluice/route-table';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../compile.ts';
import { DEFAULT_LABELS } from '../options.ts';
import { Compiler } from './compiler.ts';
import { versions } from './random-changes.test-kit.ts';

const test = suite('compiler: properties');
const RUNS = 150;

/** Clusters and chains by name: an edited table keeps them in no order. */
function normal(plan: TablePlan): unknown {
  const name = (cluster: number) => plan.clusters[cluster]!.name;
  return {
    listeners: plan.listeners.map(({ chains, ...head }) => ({
      ...head,
      chains: chains
        .map(({ names, rules }) => ({
          names,
          rules: rules.map(({ conditions, route }) => ({
            conditions,
            route: {
              ...route,
              destinations: route.destinations.map((one) => ({ ...one, cluster: name(one.cluster) })),
            },
          })),
        }))
        .sort((a, b) => (a.names[0]! < b.names[0]! ? -1 : 1)),
    })),
    clusters: [...plan.clusters].sort((a, b) => (a.name < b.name ? -1 : 1)),
    authorization: plan.authorization,
  };
}

test('version after version, it gives what compiling all resources gives', () => {
  let changed = 0;
  let anew = 0;
  fc.assert(
    fc.property(versions, (steps) => {
      const compiler = new Compiler({ labels: DEFAULT_LABELS });
      let editor: TableEditor | undefined;
      for (const { put, delete: gone, resources, creation } of steps) {
        const creationOf = (key: string) => creation.get(key) ?? 0;
        if (editor === undefined) {
          compiler.start(resources.values(), creationOf);
          editor = new TableEditor(compiler.plan());
        } else {
          const change = compiler.change({ put, delete: gone }, creationOf);
          if (change === null) {
            anew++;
            editor = new TableEditor(compiler.plan());
          } else {
            changed++;
            editor.apply(change);
          }
        }
        const { plan, idle, tls } = compile(resources.values(), { labels: DEFAULT_LABELS, creation: creationOf });
        assert.equal(compiler.plan(), plan);
        assert.equal(compiler.idle(), idle);
        assert.equal(compiler.tls(), tls);
        assert.equal(normal(decodeTable(editor.table)), normal(structuredClone(plan)));
      }
    }),
    { numRuns: RUNS },
  );
  assert.ok(changed > 2 * anew, `${changed} changes, ${anew} compiled anew: what is tried here is changing`);
});

test.run();
