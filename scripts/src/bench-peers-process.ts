// Processes of `bench peers`, each pinned to one core, with their processor time and memory as /proc tells them.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** The proxy under test has a core to itself; load and upstreams share the other. */
export const proxyCore = 0;
export const loadCore = availableParallelism() > 1 ? 1 : 0;

/** proc_pid_stat(5) counts in clock ticks. */
const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

const running = new Set<Pinned>();

export class Pinned {
  readonly child: ChildProcess;
  readonly log: string;

  /** Its output goes to the file `log`, as a service manager would have it. */
  constructor(
    core: number | string,
    command: readonly string[],
    log: string,
    env: Readonly<Record<string, string>> = {},
  ) {
    this.log = log;
    const output = openSync(log, 'w');
    const { PATH = '', HOME = '' } = process.env;
    this.child = spawn('taskset', ['-c', String(core), ...command], {
      stdio: ['ignore', output, output],
      env: { PATH: `${PATH}:/usr/sbin:/sbin`, HOME, ...env },
    });
    closeSync(output);
    running.add(this);
  }

  /** taskset(1) becomes the program, so this is the program's own. */
  get pid(): number {
    return this.child.pid as number;
  }

  get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  text(): string {
    return readFileSync(this.log, 'utf8');
  }

  async end(): Promise<void> {
    running.delete(this);
    if (this.ended) return;
    const exit = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const impatient = setTimeout(() => this.child.kill('SIGKILL'), 3000);
    await exit;
    clearTimeout(impatient);
  }
}

export async function endAll(): Promise<void> {
  await Promise.all([...running].map((each) => each.end()));
}

/** A program run to its end on the load's core. Rejects where it exits with an error. */
export function load(command: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('taskset', ['-c', String(loadCore), ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${command.join(' ')} exited with ${code}:\n${output.slice(-2000)}`));
    });
  });
}

/** Processor seconds of a process and its children (nginx works in one), user and system. */
export function cpuSeconds(pid: number): number {
  return family(pid).reduce((sum, each) => sum + ownSeconds(each), 0);
}

/** How long a core has worked since the machine started, and how long there was, in ticks (proc_stat(5), cpuN). */
export interface CoreTicks {
  readonly worked: number;
  readonly all: number;
}

export function coreTicks(core: number): CoreTicks {
  const line = new RegExp(`^cpu${core} (.*)$`, 'm').exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? '';
  // user nice system idle iowait irq softirq steal; guests are in user already.
  const fields = line.split(' ').slice(0, 8).map(Number);
  const all = fields.reduce((sum, each) => sum + each, 0);
  return { worked: all - (fields[3] ?? 0) - (fields[4] ?? 0), all };
}

/** Share of the time between two looks at a core in which it worked, 0..1, whoever it worked for. */
export function workedShare(before: CoreTicks, after: CoreTicks): number {
  return (after.worked - before.worked) / Math.max(1, after.all - before.all);
}

/** Resident memory of a process and its children in bytes, shared pages counted once (proc_pid_smaps(5), Pss). */
export function residentBytes(pid: number): number {
  return family(pid).reduce((sum, each) => {
    const rollup = readFileSync(`/proc/${each}/smaps_rollup`, 'utf8');
    return sum + Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0) * 1024;
  }, 0);
}

function ownSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** A process and its children's children. */
export function family(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(family)];
}
