// `bench routes`: whether the number of routes loaded is felt by a new connection. Two acceptors of one version, told apart
// by their labels: one has a few routes, the other N more. Rounds are interleaved, so that what disturbs one disturbs both.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { accepts, readCommandLine, until } from '@sluice/testkit';
import { endAll, type Pinned } from './bench-peers-process.ts';
import { type Candidate, freePorts, type Plan, startUpstreams } from './bench-peers-proxies.ts';
import {
  fewRoutes,
  furtherPort,
  manyRoutes,
  publishFurther,
  startControl,
  startSluice,
  stopControl,
} from './bench-peers-sluice.ts';
import { type Figure, runs } from './bench-peers-workloads.ts';
import { spread } from './bench-spread.ts';

const help = `Usage: ./scripts/bench routes [--routes N] [--rounds N] [--seconds N] [--json FILE]

  --routes N     further routes of the second acceptor (100000)
  --rounds N     rounds, interleaved over both (40)
  --seconds N    length of one measurement (1)
  --json FILE    write all figures there
`;

const { values, whole } = readCommandLine(help, {
  routes: { type: 'string', default: '100000' },
  rounds: { type: 'string', default: '40' },
  seconds: { type: 'string', default: '1' },
  json: { type: 'string' },
});
const routes = whole('routes', 1, 1_000_000);
const rounds = whole('rounds', 1, 10_000);
const seconds = whole('seconds', 1, 3600);

const names = ['connections', 'cpu-per-10k-connections'] as const;
type Name = (typeof names)[number];
const run = runs.find(({ names: of }) => of.includes('connections'))?.run as (typeof runs)[number]['run'];
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => void finish(128 + constants.signals[signal]));
try {
  const plan: Plan = { folder, ports: await freePorts(), routes };
  await startUpstreams(plan);
  await startControl({ ...plan, routes: 0 });
  const few = await acceptor('few', fewRoutes, '127.11.0.1', plan);
  const many = await acceptor('many', manyRoutes, '127.11.0.2', plan);
  await publishFurther(plan, manyRoutes);
  await until(() => accepts(many.address, furtherPort), 'the port of the further routes');
  const taken = { few: [] as Figure[], many: [] as Figure[] };
  for (const one of [few, many]) await run(one, plan.ports, seconds);
  for (let round = 0; round < rounds; round++)
    for (const which of round % 2 === 0 ? (['few', 'many'] as const) : (['many', 'few'] as const))
      taken[which].push(...(await run(which === 'few' ? few : many, plan.ports, seconds)));
  const told = names.map((name) => ({
    name,
    few: spread(of(taken.few, name)).median,
    many: spread(of(taken.many, name)).median,
    ratio: spread(of(taken.many, name).map((value, round) => value / (of(taken.few, name)[round] as number))),
  }));
  process.stdout.write(
    `${rounds} pairs of ${seconds} s; few: 3 routes, many: ${routes} more; ratio: median over the pairs, and where it lies with 95 %\n\n`,
  );
  for (const { name, few: base, many: loaded, ratio } of told)
    process.stdout.write(
      `${name.padEnd(24)} few ${base.toPrecision(4).padEnd(8)} many ${loaded.toPrecision(4).padEnd(8)} ratio ${ratio.median.toFixed(3)} (${ratio.low.toFixed(3)} to ${ratio.high.toFixed(3)})\n`,
    );
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ routes, rounds, told, taken }, null, 2)}\n`);
  await finish(0);
} catch (cause) {
  process.stderr.write(`${(cause as Error).stack}\n`);
  await finish(1);
}

async function acceptor(id: string, labels: string, address: string, plan: Plan): Promise<Candidate> {
  const started: Pinned = await startSluice('linux', address, join(folder, id), { labels });
  for (const port of Object.values(plan.ports))
    await until(() => {
      if (started.ended) throw new Error(`the acceptor ended:\n${started.text().slice(-2000)}`);
      return accepts(address, port);
    }, `an edge port of the acceptor with ${id} routes`);
  return { name: 'sluice-linux', address, pid: started.pid, cores: 1 };
}

function of(figures: readonly Figure[], name: Name): number[] {
  return figures.filter(({ workload }) => workload === name).map(({ value }) => value);
}

async function finish(status: number): Promise<never> {
  await endAll();
  await stopControl();
  rmSync(folder, { recursive: true, force: true });
  process.exit(status);
}
