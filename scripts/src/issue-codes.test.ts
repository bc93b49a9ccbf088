import { CODES } from '@sluice/resource';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { projectFiles, readSource } from './sources.ts';

const test = suite('issue codes');

test('every code of the table is said somewhere', () => {
  const sources = projectFiles('libs/*.ts', 'apps/*.ts').filter((path) => !/\.test|\/codes/.test(path));
  const said = new Set(sources.flatMap((path) => readSource(path).match(/'SLU\d{4}'/g) ?? []));
  assert.equal(
    Object.keys(CODES).filter((code) => !said.has(`'${code}'`)),
    [],
  );
});

test.run();
