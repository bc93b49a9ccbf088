// `bench publish`: how long a change of one resource among many takes from its publish to its commit in every worker, with
// real processes: a Redis, a config service and N acceptors, or N followers that compile, in one process.
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { openStore } from '@sluice/store';
import { readCommandLine } from '@sluice/testkit';
import { Fleet } from './bench-publish-fleet.ts';
import { measureFleet, publishBase, type Result, type Run } from './bench-publish-measure.ts';
import { gateways } from './bench-publish-resources.ts';
import { print } from './bench-publish-table.ts';

const RESOURCES_PER_SERVICE = 5;
const MACHINE = `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores, Node ${process.version}`;

const help = `Usage: ./scripts/bench publish [OPTIONS]

Changes of one resource among many, one after the other: endpoints most, then routes, policies and services. Times are from
the publish to the commit in every worker of all acceptors; processes of their own, with a Redis and a config service.

  --resources N    resources there are (100..500000, default 50000)
  --acceptors LIST numbers of acceptors, one row each (default 1,5,20; 0 for none)
  --followers N    followers of the log that compile, all in one process (0..100, default 20; 0 for none)
  --changes N      changes measured a row (20..5000, default 200); 100 go before to warm up, 60 follow to watch pauses
  --quick          5,000 resources, 1 and 3 acceptors, 40 changes
  --json FILE      the figures as JSON, too
  --help           this text

Twenty acceptors of 50,000 resources take 10 GB of memory, and two minutes to start on two cores.
`;

const { values, whole, refuse } = readCommandLine(help, {
  resources: { type: 'string', default: '50000' },
  acceptors: { type: 'string', default: '1,5,20' },
  followers: { type: 'string', default: '20' },
  changes: { type: 'string', default: '200' },
  json: { type: 'string' },
  quick: { type: 'boolean', default: false },
});
const resources = values.quick === true ? 5_000 : whole('resources', 100, 500_000);
const services = Math.floor(resources / RESOURCES_PER_SERVICE);
const changes = values.quick === true ? 40 : whole('changes', 20, 5_000);
const followers = whole('followers', 0, 100);
const acceptors = String(values.quick === true && values.acceptors === '1,5,20' ? '1,3' : values.acceptors);
if (!/^\d{1,2}(,\d{1,2})*$/.test(acceptors)) refuse(`--acceptors must be numbers such as 1,5,20, not "${acceptors}"`);
const counts = acceptors.split(',').map(Number).filter(Boolean);

console.log(
  `publish: changes of one resource among ${services * RESOURCES_PER_SERVICE + gateways().length}, ${changes} a row; ${MACHINE}`,
);
const fleet = await Fleet.start();
const results: Result[] = [];
try {
  const opened = await openStore(fleet.redis.url, { role: 'publisher' });
  if (!opened.ok) throw opened.fault;
  const store = opened.value;
  const baseMs = performance.now();
  await publishBase(store, services);
  console.log(`base published in ${((performance.now() - baseMs) / 1000).toFixed(1)} s`);
  let from = 0;
  const run = async (about: Pick<Run, 'name' | 'count' | 'areAcceptors'>) => {
    const { result, next } = await measureFleet(fleet, store, { ...about, changes, from, services });
    from = next;
    results.push(result);
    print(result);
    await fleet.endAcceptors();
  };
  for (const count of counts) {
    await fleet.startAcceptors(count, (await store.log.head()).version);
    await run({ name: count === 1 ? '1 acceptor' : `${count} acceptors`, count, areAcceptors: true });
  }
  if (followers > 0) {
    await fleet.startFollowers(followers);
    await run({ name: `${followers} followers that compile, in one process`, count: followers, areAcceptors: false });
  }
  await store.close();
} finally {
  await fleet.close();
}
if (values.json !== undefined)
  writeFileSync(String(values.json), `${JSON.stringify({ machine: MACHINE, results }, null, 2)}\n`);
