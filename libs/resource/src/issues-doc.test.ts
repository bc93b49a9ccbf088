import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CODES } from './codes.ts';
import { issuesDoc } from './issues-doc.ts';

const test = suite('issues-doc');

test('docs/issues.md is up to date (else run: node libs/resource/src/write-docs.ts)', () => {
  const written = readFileSync(new URL('../../../docs/issues.md', import.meta.url), 'utf8');
  assert.is(written, issuesDoc());
});

test('every code is well-formed, with a title and a way to solve it, in lower case without a full stop', () => {
  for (const [code, { title, solve }] of Object.entries(CODES)) {
    assert.match(code, /^SLU\d{4}$/);
    for (const text of [title, solve]) {
      assert.ok(text.length > 4 && !text.endsWith('.'), `${code}: ${text}`);
      assert.match(
        text,
        /^(?:[a-z`]|HTTP|TLS|SNI|TCP|UDP|IP|DNS|JWT|VirtualService|DestinationRule|ServiceEntry|Sidecar|Gateway)/,
        code,
      );
    }
  }
});

test('every code is documented', () => {
  const text = issuesDoc();
  for (const code of Object.keys(CODES)) assert.ok(text.includes(`| ${code} |`), code);
});

test.run();
