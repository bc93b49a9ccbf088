import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as abi from '../../libs/engine-linux/src/abi.ts';
import { skip } from '../../libs/testkit/src/index.ts';
import { check, compile, facts, targets } from './abi-check.ts';

const test = suite('the ABI of the Linux engine');

for (const target of targets) {
  const { name, result, output } = check(target);
  if (result === 'skipped') {
    skip(test, `${name} is as its headers say`, output);
    continue;
  }
  test(`${name} is as its headers say`, () => assert.is(result, 'ok', output));
  test(`${name}: what differs is named`, () => {
    const wrong = { ...abi, EPOLLIN: 2, EAGAIN: 12 };
    const { status, stderr } = compile(target, facts(target.architecture, wrong).text);
    assert.is.not(status, 0);
    assert.match(stderr, /\(int\)EPOLLIN is not 2/);
    assert.match(stderr, /\(int\)EAGAIN is not 12/);
    assert.not.match(stderr, /EPOLLOUT is not/);
    const otherLayout = target.architecture === 'x64' ? 'arm64' : 'x64';
    assert.match(compile(target, facts(otherLayout).text).stderr, /sizeof\(struct epoll_event\) is not/);
  });
}

test.run();
