// `scripts/start`: brings the whole system up on this machine, says when it is ready, and takes it down again.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Arguments, help, parseArguments } from './arguments.ts';
import { type Child, Children } from './children.ts';
import { type AcceptorPlan, acceptorPlans, configServicePlan, echoPlans, edgePorts, type Place } from './plan.ts';
import { portOwner } from './port-owner.ts';
import { isRunning, leftovers, readRunFile, removeRunFile, writeRunFile } from './run-file.ts';
import { answers, fileStore, hasConfigService, privateRedis, type RunStore } from './store.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const folder = join(root, '.sluice');
const readyMs = 30_000;

const exitCode = { failed: 1, usage: 2, noStore: 3 } as const;

/** The store given cannot be reached. */
class StoreAway extends Error {}

const say = (text: string) => void process.stdout.write(`${text}\n`);
const complain = (text: string) => void process.stderr.write(`${text}\n`);

const parsed = parseArguments(process.argv.slice(2));
if (parsed.kind === 'help') {
  process.stdout.write(help);
  process.exit(0);
}
if (parsed.kind === 'wrong') {
  complain(`${parsed.complaint}\nSee ./scripts/start --help`);
  process.exit(exitCode.usage);
}
await main(parsed.value);

async function main(given: Arguments): Promise<void> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([, value]) => value !== undefined),
  ) as Place['env'];
  const place: Place = { root, folder, env };
  endLeftovers();
  refuseIfTaken(place, given);
  mkdirSync(join(folder, 'logs'), { recursive: true });
  const startedAt = new Date().toISOString();
  let store: RunStore | null = null;
  const children = new Children({
    root,
    logs: join(folder, 'logs'),
    say: complain,
    onChange: (processes) => writeRunFile(folder, { pid: process.pid, store: store?.url ?? '', startedAt, processes }),
  });
  const running: Child[] = [];
  const stop = once(async (code: number) => {
    children.beginStop();
    // Edge first, so that sessions finish while all they need is still there; the store last.
    for (const group of [/^acceptor/, /^config-service$/, /^tcp-echo/, /^redis$/])
      await Promise.all(running.filter((child) => group.test(child.name)).map((child) => child.stop()));
    removeRunFile(folder);
    if (code === 0) say('stopped');
    process.exit(code);
  });
  onSignals(() => {
    say('draining ...');
    void stop(0);
  });
  try {
    store = await openRunStore(given, place, children, running);
    await startAll(given, place, store, children, running);
  } catch (cause) {
    complain((cause as Error).message);
    await stop(cause instanceof StoreAway ? exitCode.noStore : exitCode.failed);
  }
}

async function openRunStore(given: Arguments, place: Place, children: Children, running: Child[]): Promise<RunStore> {
  const url = given.store || place.env.SLUICE_STORE || '';
  if (url !== '') return { url, told: url.replace(/\/\/[^@/]*@/, '//***@'), child: null };
  const redis = await privateRedis(root, folder, children);
  if (redis?.child) running.push(redis.child);
  return redis ?? fileStore(folder);
}

async function startAll(
  given: Arguments,
  place: Place,
  store: RunStore,
  children: Children,
  running: Child[],
): Promise<void> {
  say(`store           ${store.told}`);
  const start = (spec: Parameters<Children['start']>[0]) => {
    const child = children.start(spec);
    running.push(child);
    return child;
  };
  if (hasConfigService(store)) start(configServicePlan(place, store.url));
  const echoes = given.samples ? echoPlans(place).map((plan) => ({ plan, child: start(plan.spec) })) : [];
  const acceptors = acceptorPlans(place, store.url, given).map((plan) => ({ plan, child: start(plan.spec) }));
  for (const { plan, child } of echoes) {
    await child.until(() => answers(plan.address, plan.port), readyMs, `an answer on ${plan.address}:${plan.port}`);
    say(`${child.name.padEnd(15)} ${plan.address}:${plan.port}`);
  }
  const version = given.samples ? await publishSamples(place, store.url) : 0;
  for (const { plan, child } of acceptors) {
    await child.until(() => isServing(plan, version), readyMs, 'readiness');
    const ports = given.samples ? ` edge ports ${edgePorts.join(', ')}` : '';
    say(
      `${child.name.padEnd(15)} ${plan.spec.env.SLUICE_BIND}${ports}, admin http://${plan.adminHost}:${plan.adminPort}`,
    );
  }
  say(`logs            ${join(folder, 'logs')}`);
  say(
    readyLine(
      acceptors.map(({ plan }) => plan),
      given.samples,
    ),
  );
}

function readyLine(acceptors: readonly AcceptorPlan[], samples: boolean): string {
  if (!samples) return 'ready: publish routes with ./scripts/admin publish PATH...';
  const commands = acceptors.flatMap(({ address }) => edgePorts.map((port) => `nc ${address} ${port}`));
  return `ready: try  ${commands.join('   ')}`;
}

/** Its edge ports answer, by the version just published and not by one it had kept; without samples, it is there. */
async function isServing(plan: AcceptorPlan, version: number): Promise<boolean> {
  if (!(await answers(plan.adminHost, plan.adminPort))) return false;
  if (version === 0) return true;
  const ready = await fetch(`http://${plan.adminHost}:${plan.adminPort}/readyz`).catch(() => null);
  if (ready === null || !ready.ok || ((await ready.json()) as { version: number }).version < version) return false;
  const open = await Promise.all(edgePorts.map((port) => answers(plan.address, port)));
  return open.every(Boolean);
}

/** The samples take the same way as every change: the admin command, the config service, the log. */
function publishSamples(place: Place, store: string): Promise<number> {
  const args = [
    'apps/admin/src/main.ts',
    'publish',
    'deploy/samples/tcp-echo',
    '--message',
    'the walk-through',
    '--json',
  ];
  const child = spawn(join(root, 'node_modules/.bin/node'), args, {
    cwd: root,
    env: { ...place.env, SLUICE_STORE: store },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let answer = '';
  let output = '';
  child.stdout.on('data', (chunk) => (answer += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => {
      const complaint = `the sample routes could not be published:\n${(output || answer).trimEnd()}`;
      if (code === 0) resolve((JSON.parse(answer) as { version: number }).version);
      else reject(code === exitCode.noStore ? new StoreAway(complaint) : new Error(complaint));
    });
  });
}

/** Says by whom a port is taken, before anything is started or touched. */
function refuseIfTaken(place: Place, given: Arguments): void {
  const run = readRunFile(folder);
  if (run !== null && isRunning(run)) {
    complain(
      `sluice runs from this checkout already: process ${run.pid}, since ${run.startedAt}; stop it with Ctrl-C there.`,
    );
    process.exit(exitCode.failed);
  }
  const wanted = acceptorPlans(place, '', given).flatMap((plan) => [
    ...(given.samples ? edgePorts.map((port) => ({ address: plan.address, port, what: 'edge port' })) : []),
    { address: plan.adminHost, port: plan.adminPort, what: 'admin endpoint' },
  ]);
  if (given.samples)
    for (const { address, port } of echoPlans(place)) wanted.push({ address, port, what: 'echo server' });
  const taken = wanted.flatMap(({ address, port, what }) => {
    const owner = portOwner(address, port);
    return owner === null ? [] : [`${address}:${port} (${what}) is in use by process ${owner.pid}: ${owner.command}`];
  });
  if (taken.length === 0) return;
  complain(
    `${taken.join('\n')}\nNothing was started. Stop that process, or give other ports (SLUICE_ADMIN, --no-samples).`,
  );
  process.exit(exitCode.failed);
}

/** What a killed launcher left running from this checkout is ended: it belongs to nobody. */
function endLeftovers(): void {
  const run = readRunFile(folder);
  if (run === null || isRunning(run)) return;
  for (const [name, pid] of leftovers(run, root)) {
    complain(`ending ${name} (process ${pid}), left behind by a run that was killed`);
    process.kill(pid, 'SIGKILL');
  }
  removeRunFile(folder);
}

function onSignals(stop: () => void): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
}

function once<A, R>(run: (argument: A) => R): (argument: A) => R {
  let result: { value: R } | null = null;
  return (argument) => {
    result ??= { value: run(argument) };
    return result.value;
  };
}
