// `scripts/start`: brings the whole system up on this machine, says when it is ready, and takes it down again.
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Arguments, help, parseArguments } from './arguments.ts';
import { ChildEnded, Children, type ChildSpec } from './children.ts';
import { newestKept } from './kept.ts';
import { type AcceptorPlan, acceptorPlans, configServicePlan, echoPlans, edgePorts, type Place } from './plan.ts';
import { portOwner } from './port-owner.ts';
import { claimRunFile, endLeftovers, isRunning, readRunFile, removeRunFile, writeRunFile } from './run-file.ts';
import { publishSamples, readLog, StoreAway } from './samples.ts';
import { answers, fileStore, givenStore, privateRedis, type RunStore } from './store.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
/** Data, logs and the run file. */
const folder = resolve(process.env.SLUICE_DATA?.trim() || join(root, '.sluice'));
const readyMs = 30_000;

const exitCode = { failed: 1, usage: 2, noStore: 3 } as const;

// Whoever read what is said may have gone (a closed terminal, `| head`); the run goes on, or ends in order.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

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
  mkdirSync(join(folder, 'logs'), { recursive: true });
  await endLeftovers(folder, root, complain);
  refuseIfTaken(place, given);
  const startedAt = new Date().toISOString();
  let store: RunStore | null = null;
  const runFile = (processes: Readonly<Record<string, number>>) => {
    return { pid: process.pid, store: store?.url ?? '', startedAt, processes };
  };
  if (!claimRunFile(folder, runFile({}))) refuseSecond();
  const children = new Children({
    root,
    logs: join(folder, 'logs'),
    say: complain,
    onChange: (processes) => writeRunFile(folder, runFile(processes)),
  });
  const stop = once(async (code: number) => {
    // Edge first, so that sessions finish while all they need is still there; the store last.
    await children.stop([/^acceptor/, /^config-service$/, /^tcp-echo/, /^redis$/]);
    removeRunFile(folder);
    if (code === 0) say('stopped');
    process.exit(code);
  });
  onSignals(() => {
    if (children.stopping.aborted) return children.hurry(/^acceptor/);
    say('draining ... (Ctrl-C again ends at once what is left)');
    void stop(0);
  });
  try {
    store = await openRunStore(given, place, children);
    const published = await children.ready(startAll(given, place, store, children));
    say(`logs            ${join(folder, 'logs')}`);
    say(await readyLine(acceptorPlans(place, store, given), published));
  } catch (cause) {
    // Whatever the end of a run interrupts is no failure of it.
    if (children.stopping.aborted) return;
    complain((cause as Error).message);
    await stop(statusOf(cause));
  }
}

async function openRunStore(given: Arguments, place: Place, children: Children): Promise<RunStore> {
  const url = given.store || place.env.SLUICE_STORE || '';
  if (url !== '') return givenStore(url, folder);
  return (await privateRedis(root, folder, children)) ?? fileStore(folder);
}

/** Answers the version that serves at the end, and whether it is one of the samples, published just now. */
async function startAll(given: Arguments, place: Place, store: RunStore, children: Children): Promise<Published> {
  say(`store           ${store.told}`);
  // On a file publishers admit their own changes; it moves roll-outs on there.
  children.start(configServicePlan(place, store.url));
  const started = <P extends { readonly spec: ChildSpec }>(plan: P) => ({ plan, child: children.start(plan.spec) });
  const echoes = given.samples ? echoPlans(place).map(started) : [];
  const acceptors = acceptorPlans(place, store, given).map(started);
  for (const { plan, child } of echoes) {
    await child.until(() => answers(plan.address, plan.port), readyMs, `an answer on ${plan.address}:${plan.port}`);
    say(`${child.name.padEnd(15)} ${plan.address}:${plan.port}`);
  }
  const published = await publishOnce(given, place, store, children.stopping);
  for (const { plan, child } of acceptors) {
    await child.until(() => isServing(plan, published), readyMs, 'readiness');
    const ports = published.samples ? ` edge ports ${edgePorts.join(', ')}` : '';
    say(`${child.name.padEnd(15)} ${plan.spec.env.SLUICE_BIND}${ports}, admin ${plan.adminUrl}`);
  }
  return published;
}

interface Published {
  readonly version: number;
  readonly samples: boolean;
}

/** The samples go into an empty log only: what somebody has published since is not undone by starting again. */
async function publishOnce(given: Arguments, place: Place, store: RunStore, signal: AbortSignal): Promise<Published> {
  const { head, rollout } = await readLog(place, store.url, signal);
  if (head > 0) say(`routes          version ${head} of the log, as it was left`);
  // In a roll-out, an acceptor may be one that the newest version has not come to.
  const folders = acceptorPlans(place, store, given).map(({ spec }) => spec.env.SLUICE_STATE_DIR ?? '');
  const lost = head > 0 ? null : await newestKept(folders);
  if (lost !== null) {
    say(`routes          none in the log, but version ${lost.version} in ${lost.folder}: the store lost its log.`);
    say(`                ./scripts/admin restore ${lost.folder} puts it back`);
    return { version: 0, samples: false };
  }
  if (head > 0 || !given.samples) return { version: rollout === null ? head : 0, samples: false };
  return { version: await publishSamples(place, store.url, signal), samples: true };
}

function statusOf(cause: unknown): number {
  if (cause instanceof StoreAway) return exitCode.noStore;
  // Every process ends with 2 where its settings are wrong.
  return cause instanceof ChildEnded && cause.status === exitCode.usage ? exitCode.usage : exitCode.failed;
}

async function readyLine(acceptors: readonly AcceptorPlan[], { version }: Published): Promise<string> {
  const edges = acceptors.flatMap(({ address }) => edgePorts.map((port) => ({ address, port })));
  const open = await Promise.all(edges.map(({ address, port }) => answers(address, port)));
  const commands = edges.filter((_, i) => open[i]).map(({ address, port }) => `nc ${address} ${port}`);
  if (commands.length > 0) return `ready: try  ${commands.join('   ')}`;
  return version === 0
    ? 'ready: ./scripts/admin status tells what serves, and publish PATH... changes it'
    : `ready: version ${version} serves; ./scripts/admin status tells more`;
}

/** It serves the log's version, and not an older one it had kept; the samples' edge ports answer. */
async function isServing(plan: AcceptorPlan, { version, samples }: Published): Promise<boolean> {
  if (!(await answers(plan.adminHost, plan.adminPort))) return false;
  if (version === 0) return true;
  const report = await fetch(`${plan.adminUrl}/version`).then((answer) => answer.json() as Promise<Report>);
  if ((report.refused ?? 0) >= version)
    throw new Error(`${plan.spec.name} refused version ${version}: ${report.error}`);
  if (report.version < version || report.state !== 'serving') return false;
  const open = await Promise.all(edgePorts.map((port) => !samples || answers(plan.address, port)));
  return open.every(Boolean);
}

/** The part of an acceptor's report that is looked at. */
interface Report {
  readonly state: string;
  readonly version: number;
  readonly refused: number | null;
  readonly error: string | null;
}

/** Says by whom a port is taken, before anything is started or touched. */
function refuseIfTaken(place: Place, given: Arguments): void {
  const run = readRunFile(folder);
  if (run !== null && isRunning(run)) refuseSecond();
  const wanted = acceptorPlans(place, { url: '', stateFolder: '' }, given).flatMap((plan) => [
    ...(given.samples ? edgePorts.map((port) => ({ address: plan.address, port, what: 'edge port' })) : []),
    { address: plan.adminHost, port: plan.adminPort, what: 'admin endpoint' },
  ]);
  if (given.samples)
    for (const { address, port } of echoPlans(place)) wanted.push({ address, port, what: 'echo server' });
  const taken = wanted.flatMap(({ address, port, what }) => {
    const owner = portOwner(address, port);
    return owner === null ? [] : [`${address}:${port} (${what}) is in use by ${owner}`];
  });
  if (taken.length === 0) return;
  complain(
    `${taken.join('\n')}\nNothing was started. Stop that process, or give other ports (SLUICE_ADMIN, --no-samples).`,
  );
  process.exit(exitCode.failed);
}

function refuseSecond(): never {
  const run = readRunFile(folder);
  const which = run === null ? '' : `: process ${run.pid}, since ${run.startedAt}; stop it with Ctrl-C there`;
  complain(`sluice runs from this checkout already${which}.`);
  process.exit(exitCode.failed);
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
