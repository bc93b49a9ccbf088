import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { errorsPage, errorsPagePath } from './errors-page.ts';

const test = suite('docs/errors.md');

test('it says what the tables of the code say (node scripts/src/errors-page.ts writes it)', () => {
  assert.is(readFileSync(errorsPagePath, 'utf8'), `${errorsPage()}\n`);
});

test.run();
