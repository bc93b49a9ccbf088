import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { visible } from './output.ts';

const test = suite('what people are shown');

test('control characters of others give no orders to the terminal', () => {
  assert.is(
    visible('a\u001b[31mred\u001b]0;title\u0007\r\u009b2J\u007f'),
    'a\\x1b[31mred\\x1b]0;title\\x07\\x0d\\x9b2J\\x7f',
  );
  assert.is(visible('two\nlines\tand a tab, \u00fcml\u00e4ut'), 'two\nlines\tand a tab, \u00fcml\u00e4ut');
});

test.run();
