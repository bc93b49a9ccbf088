import { endAll, skip } from '@sluice/testkit';
import { suite } from 'uvu';
import { storeConformance } from '../conformance/index.ts';
import { lacksCluster, TestCluster } from './cluster.test-kit.ts';
import { redisRig } from './rig.test-kit.ts';

const lacking = lacksCluster();
if (lacking !== null) {
  const test = suite('redis cluster: conformance');
  skip(test, 'the whole suite on a Redis Cluster', `no ${lacking} on PATH`);
  test.run();
} else {
  const cluster = new TestCluster();
  await cluster.start();
  storeConformance('redis cluster', redisRig(cluster.url, (await cluster.owner()).client));
  const last = suite('redis cluster: end');
  last('everything is closed', async () => {
    await cluster.stop();
    await endAll();
  });
  last.run();
}
