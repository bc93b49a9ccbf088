// Measures agreement with Istio's own cases in ../shared/istio-cases, where they are; says so where they are not.
import { existsSync, readFileSync } from 'node:fs';
import { skip } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseResources } from './index.ts';

const CASES = new URL('../../../../shared/istio-cases/', import.meta.url);
const NAME = "Istio's own cases of the webhook and the CRDs";

interface Case {
  readonly file: string;
  readonly valid: boolean;
  readonly message: string;
  readonly warning: string;
}

function readCases(): readonly Case[] {
  const [, ...lines] = readFileSync(new URL('INDEX.tsv', CASES), 'utf8').trimEnd().split('\n');
  return lines.flatMap((line) => {
    const [file = '', valid, , , , layer = '', message = '', warning = ''] = line.split('\t');
    return ['webhook', 'crd-schema'].includes(layer) ? [{ file, valid: valid === 'valid', message, warning }] : [];
  });
}

const test = suite('agreement');

if (!existsSync(CASES)) skip(test, NAME, '../shared/istio-cases is not here');
else {
  const cases = readCases();
  const results = cases.map((each) => ({
    ...each,
    set: parseResources([{ path: each.file, text: readFileSync(new URL(each.file, CASES), 'utf8') }]),
  }));

  test(`${NAME}: at least 98 % agree on valid or invalid`, () => {
    const apart = results.filter(({ valid, set }) => set.ok !== valid).map(({ file }) => file);
    assert.ok(apart.length <= cases.length * 0.02, `${apart.length} of ${cases.length} disagree: ${apart.join(', ')}`);
  });

  test(`${NAME}: at least 90 % have the expected words in an error`, () => {
    const worded = results.filter(({ message }) => message !== '');
    const apart = worded.filter(
      ({ message, set }) => !set.issues.some((issue) => issue.level === 'error' && issue.message.includes(message)),
    );
    const list = apart.map(({ file, message }) => `${file}: ${message}`).join('; ');
    assert.ok(apart.length <= worded.length * 0.1, `${apart.length} of ${worded.length} disagree: ${list}`);
  });

  test(`${NAME}: at least 90 % of the expected warnings are given`, () => {
    const warned = results.filter(({ warning }) => warning !== '');
    const apart = warned.filter(({ warning, set }) => {
      const wanted = warning === 'yes' ? '' : warning;
      return !set.issues.some((issue) => issue.level === 'warning' && issue.message.includes(wanted));
    });
    assert.ok(apart.length <= warned.length * 0.1, apart.map(({ file }) => file).join(', '));
  });
}

test.run();
