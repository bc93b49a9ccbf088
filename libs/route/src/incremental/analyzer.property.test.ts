import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { analyze } from '../analyze/analyze.ts';
import { DEFAULT_LABELS } from '../options.ts';
import { Analyzer } from './analyzer.ts';
import { versions } from './random-changes.test-kit.ts';

const test = suite('analyzer: properties');
const RUNS = 150;
const ACCEPTORS = [DEFAULT_LABELS, { istio: 'other' }];

test('version after version, it says what analyzing all resources says', () => {
  fc.assert(
    fc.property(versions, (steps) => {
      const analyzer = new Analyzer({ labels: DEFAULT_LABELS, acceptors: ACCEPTORS });
      for (const [at, { put, delete: gone, resources, creation }] of steps.entries()) {
        const creationOf = (key: string) => creation.get(key) ?? 0;
        if (at === 0) analyzer.start(resources.values(), creationOf);
        else analyzer.change({ put, delete: gone }, creationOf);
        const all = analyze(resources.values(), { labels: DEFAULT_LABELS, acceptors: ACCEPTORS, creation: creationOf });
        assert.equal(analyzer.complaints(), all);
      }
    }),
    { numRuns: RUNS },
  );
});

test.run();
