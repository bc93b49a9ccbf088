// `bench peers`: the product beside HAProxy and nginx, side by side in one run. Each proxy is pinned to the same single
// core, load and upstreams to the other; rounds are interleaved, so that what disturbs one disturbs all.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, constants, cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCommandLine } from '@sluice/testkit';
import { coreTicks, endAll, loadCore, proxyCore, workedShare } from './bench-peers-process.ts';
import {
  type Candidate,
  freePorts,
  furtherNames,
  type Plan,
  type ProxyName,
  packages,
  program,
  proxyNames,
  startProxy,
  startUpstreams,
} from './bench-peers-proxies.ts';
import { CoreShares } from './bench-peers-shares.ts';
import { startControl, stopControl } from './bench-peers-sluice.ts';
import { report, type Taken, table } from './bench-peers-table.ts';
import { type Figure, idleMemory, runs, workloads } from './bench-peers-workloads.ts';

const help = `Usage: ./scripts/bench peers [--rounds N] [--seconds N] [--only WORKLOAD,...] [--proxies NAME,...]
                            [--routes N] [--core-share PERCENT] [--install] [--json FILE]

  --rounds N     rounds of every workload, interleaved over the proxies (5)
  --seconds N    length of one measurement (2)
  --only         of ${workloads.map(({ name }) => name).join(', ')}
  --proxies      of ${proxyNames.join(', ')}; ${furtherNames.join(', ')} only where named
  --routes N     further routes in Sluice's table (10)
  --core-share   make each core of a proxy so much of one, that the load keeps ahead of a proxy on two (cgroup v1, as root)
  --install      get missing peers with apt-get (Debian, as root)
  --json FILE    write all figures there
`;

const WARM_UP_SECONDS = 3;

const { values, whole, refuse } = readCommandLine(help, {
  rounds: { type: 'string', default: '5' },
  seconds: { type: 'string', default: '2' },
  routes: { type: 'string', default: '10' },
  only: { type: 'string' },
  proxies: { type: 'string' },
  'core-share': { type: 'string' },
  install: { type: 'boolean', default: false },
  json: { type: 'string' },
});
const rounds = whole('rounds', 1, 10_000);
const seconds = whole('seconds', 1, 3600);
const routes = whole('routes', 0, 1_000_000);
const wanted = new Set(values.only?.split(',') ?? workloads.map(({ name }) => name));
for (const each of wanted) if (!workloads.some(({ name }) => name === each)) refuse(`there is no workload "${each}"`);
if (values.install) install();
const needed = ['iperf3', 'wrk', 'nginx', 'taskset'].filter((each) => program(each) === null);
if (needed.length > 0) refuse(`bench peers needs ${needed.join(', ')}: run it with --install, or get them yourself`);
const proxies = (values.proxies?.split(',') ?? proxyNames).filter(isThere) as ProxyName[];

const shares = values['core-share'] === undefined ? null : openShares(whole('core-share', 1, 100));

const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => void finish(128 + constants.signals[signal]));
try {
  const plan: Plan = { folder, ports: await freePorts(), routes };
  await startUpstreams(plan);
  if (proxies.some((name) => name.startsWith('sluice'))) await startControl(plan);
  const taken: Taken[] = [];
  await measureRates(plan, taken);
  if (wanted.has('idle-memory')) await measureMemory(plan, taken);
  const told = report(machine(), taken, proxies);
  process.stdout.write(table(told, proxies));
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(told, null, 2)}\n`);
  await finish(0);
} catch (cause) {
  process.stderr.write(`${(cause as Error).stack}\n`);
  await finish(1);
}

async function measureRates(plan: Plan, taken: Taken[]): Promise<void> {
  const chosen = runs.filter(({ names }) => names.some((name) => wanted.has(name)));
  if (chosen.length === 0) return;
  const started = await Promise.all(proxies.map((name) => startProxy(name, plan)));
  // Not counted: code is compiled, and memory taken, the first time. V8 compiles for some 3 s of load, on the proxy's core.
  for (const proxy of started) for (const { run } of chosen) await run(proxy, plan.ports, WARM_UP_SECONDS);
  for (const { name, pid, cores } of started) if (pid !== null) shares?.limit(name, pid, cores);
  for (let round = 0; round < rounds; round++) {
    for (const { run } of chosen) {
      for (const proxy of turned(started, round)) {
        const before = [coreTicks(proxyCore), coreTicks(loadCore)] as const;
        const figures = await run(proxy, plan.ports, seconds);
        const proxyBusy = workedShare(before[0], coreTicks(proxyCore));
        const loadBusy = workedShare(before[1], coreTicks(loadCore));
        note(
          proxy,
          round,
          figures.map((figure) => ({ ...figure, proxyBusy, loadBusy })),
          taken,
        );
      }
    }
  }
  await Promise.all(started.map((proxy) => proxy.end()));
}

/** Each on its own and freshly started, for memory once taken is not given back. */
async function measureMemory(plan: Plan, taken: Taken[]): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (const name of proxies) {
      const proxy = await startProxy(name, plan);
      note(proxy, round, await idleMemory(proxy, plan.ports), taken);
      await proxy.end();
    }
  }
}

function note({ name }: Candidate, round: number, figures: readonly Figure[], taken: Taken[]): void {
  for (const figure of figures) {
    if (!wanted.has(figure.workload)) continue;
    taken.push({ proxy: name, round, ...figure });
    process.stderr.write(`round ${round + 1} ${figure.workload} ${name} ${figure.value.toPrecision(4)}\n`);
  }
}

/** Another proxy goes first in each round. */
function turned<T>(all: readonly T[], by: number): T[] {
  const at = by % all.length;
  return [...all.slice(at), ...all.slice(0, at)];
}

function isThere(name: string): boolean {
  if (![...proxyNames, ...furtherNames].some((known) => known === name)) refuse(`there is no proxy "${name}"`);
  const peer = Object.hasOwn(packages, name) ? name : null;
  if (peer === null || program(peer) !== null) return true;
  process.stdout.write(`skipped: ${name} (not installed; --install gets it)\n`);
  return false;
}

function install(): void {
  const missing = Object.keys(packages).filter((each) => program(each) === null);
  if (missing.length === 0) return;
  const names = missing.flatMap((each) => (packages[each] as string).split(' '));
  process.stderr.write(`installing ${names.join(' ')} with apt-get\n`);
  // RUNLEVEL=1: invoke-rc.d(8) starts no service then.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const { status } = spawnSync('apt-get', ['install', '-y', '--no-install-recommends', ...names], {
    env,
    stdio: 'ignore',
  });
  if (status !== 0) process.stderr.write(`apt-get could not install ${names.join(' ')}\n`);
}

function machine(): string {
  const version = (name: string, args: readonly string[]) => {
    const { stdout, stderr } = spawnSync(name, args, { encoding: 'utf8' });
    return (`${stdout}${stderr}`.split('\n')[0] ?? '').trim();
  };
  const kernel = `${execFileSync('uname', ['-m'], { encoding: 'utf8' }).trim()} Linux ${release()}`;
  const peers = [proxies.includes('haproxy') ? version('haproxy', ['-v']) : '', version('nginx', ['-v'])];
  return [`${availableParallelism()} cores ${cpus()[0]?.model ?? ''}`, kernel, `Node ${process.version}`, ...peers]
    .filter(Boolean)
    .join('; ');
}

function openShares(percent: number): CoreShares {
  try {
    return new CoreShares(percent);
  } catch (cause) {
    return refuse((cause as Error).message);
  }
}

async function finish(status: number): Promise<never> {
  await endAll();
  shares?.remove();
  await stopControl();
  rmSync(folder, { recursive: true, force: true });
  process.exit(status);
}
