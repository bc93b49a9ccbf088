import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cpuController } from './bench-peers-shares.ts';

const test = suite('shares of a core');

test("cgroup v1's cpu controller is found where it is mounted, alone or with another; cpuset and v2 are not it", () => {
  const cpuset = '30 25 0:27 / /sys/fs/cgroup/cpuset rw,relatime shared:9 - cgroup cgroup rw,cpuset';
  const unified = '31 25 0:28 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw';
  const both = '32 25 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:10 - cgroup cgroup rw,cpu,cpuacct';
  assert.is(cpuController([cpuset, unified, both, ''].join('\n')), '/sys/fs/cgroup/cpu,cpuacct');
  assert.is(cpuController([cpuset, unified].join('\n')), null);
  assert.is(cpuController(''), null);
});

test.run();
