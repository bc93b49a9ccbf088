// The workloads of `bench peers`: each runs one load against one proxy and answers figures. They know no proxy's kind.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { cpuSeconds, load, loadCore, residentBytes } from './bench-peers-process.ts';
import type { Candidate, Ports } from './bench-peers-proxies.ts';

/** Sessions held for the memory of one; enough that what the proxy needs anyway does not show. */
const heldSessions = 5000;
/** Before the memory is read, so that collectors and allocators have settled. */
const settleMs = 1500;

const iperfTries = 20;
const iperfPauseMs = 250;

export interface Figure {
  readonly workload: string;
  readonly value: number;
  /** Latencies of the same run in ms, where its tool tells them. */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  /** Shares of the run in which the proxy's core and the load's worked: the one near 1 was the limit. */
  readonly proxyBusy?: number;
  readonly loadBusy?: number;
}

export interface Workload {
  readonly name: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
}

export const workloads: readonly Workload[] = [
  { name: 'throughput-1', unit: 'Gbit/s', better: 'higher' },
  { name: 'throughput-16', unit: 'Gbit/s', better: 'higher' },
  { name: 'keepalive-64', unit: 'requests/s', better: 'higher' },
  { name: 'keepalive-512', unit: 'requests/s', better: 'higher' },
  { name: 'connections', unit: 'connections/s', better: 'higher' },
  { name: 'ping-pong', unit: 'us', better: 'lower' },
  { name: 'idle-memory', unit: 'bytes/session', better: 'lower' },
  { name: 'cpu-per-gb', unit: 's/GB', better: 'lower' },
  { name: 'cpu-per-10k-connections', unit: 's/10,000', better: 'lower' },
];

export type Run = (proxy: Candidate, ports: Ports, seconds: number) => Promise<Figure[]>;

/** Runs on proxies that go on living; each may answer more than one workload. */
export const runs: readonly { readonly names: readonly string[]; readonly run: Run }[] = [
  { names: ['throughput-1', 'cpu-per-gb'], run: (proxy, ports, seconds) => throughput(proxy, ports, seconds, 1) },
  { names: ['throughput-16'], run: (proxy, ports, seconds) => throughput(proxy, ports, seconds, 16) },
  { names: ['keepalive-64'], run: (proxy, ports, seconds) => keepAlive(proxy, ports, seconds, 64) },
  { names: ['keepalive-512'], run: (proxy, ports, seconds) => keepAlive(proxy, ports, seconds, 512) },
  { names: ['connections', 'cpu-per-10k-connections'], run: connections },
  { names: ['ping-pong'], run: pingPong },
];

const ownLoad = [process.execPath, join(import.meta.dirname, 'bench-peers-load.ts')];

async function throughput(proxy: Candidate, ports: Ports, seconds: number, streams: number): Promise<Figure[]> {
  const { bits, bytes, used } = await iperf(proxy, ports, seconds, streams);
  const figures: Figure[] = [{ workload: `throughput-${streams}`, value: bits / 1e9 }];
  if (streams === 1 && proxy.pid !== null) figures.push({ workload: 'cpu-per-gb', value: used / (bytes / 1e9) });
  return figures;
}

/** iperf3's server takes one test at a time, and is busy for a moment after it has answered the last one. */
async function iperf(proxy: Candidate, ports: Ports, seconds: number, streams: number) {
  const asked = ['-c', proxy.address, '-p', String(ports.iperf), '-t', String(seconds), '-P', String(streams), '-J'];
  for (let left = iperfTries; ; left--) {
    const before = cpu(proxy);
    const output = await load(['iperf3', ...asked]).catch((cause: Error) => cause.message);
    const used = cpu(proxy) - before;
    const { bits_per_second: bits, bytes } = received(output) ?? {};
    if (bits !== undefined && bytes !== undefined) return { bits, bytes, used };
    if (left === 0) throw new Error(`iperf3 through ${proxy.name} told nothing:\n${output.slice(-1000)}`);
    await pause(iperfPauseMs);
  }
}

function received(output: string): { readonly bits_per_second?: number; readonly bytes?: number } | null {
  try {
    return JSON.parse(output).end.sum_received ?? null;
  } catch {
    return null;
  }
}

async function keepAlive(proxy: Candidate, ports: Ports, seconds: number, clients: number): Promise<Figure[]> {
  const { rate, ...latency } = await wrk(proxy, ports, seconds, clients, []);
  return [{ workload: `keepalive-${clients}`, value: rate, ...latency }];
}

async function connections(proxy: Candidate, ports: Ports, seconds: number): Promise<Figure[]> {
  const before = cpu(proxy);
  const { rate, count, ...latency } = await wrk(proxy, ports, seconds, 64, ['-H', 'Connection: close']);
  const used = cpu(proxy) - before;
  const figures: Figure[] = [{ workload: 'connections', value: rate, ...latency }];
  if (proxy.pid !== null) figures.push({ workload: 'cpu-per-10k-connections', value: used / (count / 10_000) });
  return figures;
}

async function wrk(proxy: Candidate, { http }: Ports, seconds: number, clients: number, further: readonly string[]) {
  const output = await load([
    'wrk',
    '-t',
    '1',
    '-c',
    String(clients),
    '-d',
    `${seconds}s`,
    '--latency',
    ...further,
    `http://${proxy.address}:${http}/`,
  ]);
  const number = (pattern: RegExp) => Number(pattern.exec(output)?.[1] ?? Number.NaN);
  return {
    rate: number(/Requests\/sec:\s+([\d.]+)/),
    count: number(/(\d+) requests in/),
    p50Ms: milliseconds(/ 50%\s+([\d.]+)(us|ms|s)/.exec(output)),
    p99Ms: milliseconds(/ 99%\s+([\d.]+)(us|ms|s)/.exec(output)),
  };
}

function milliseconds(found: RegExpExecArray | null): number {
  const factor = { us: 0.001, ms: 1, s: 1000 }[found?.[2] ?? ''] ?? Number.NaN;
  return Number(found?.[1]) * factor;
}

async function pingPong(proxy: Candidate, { echo }: Ports, seconds: number): Promise<Figure[]> {
  const output = await load([...ownLoad, 'ping', proxy.address, String(echo), String(seconds)]);
  const { p50, p99 } = JSON.parse(output);
  return [{ workload: 'ping-pong', value: p50, p50Ms: p50 / 1000, p99Ms: p99 / 1000 }];
}

/** For a proxy that has just been started: one that was busy before has memory to spare. */
export async function idleMemory(proxy: Candidate, { echo }: Ports): Promise<Figure[]> {
  const { pid } = proxy;
  if (pid === null) return [];
  const before = await held(proxy, echo, 50, async () => {
    await pause(settleMs);
    return residentBytes(pid);
  });
  const after = await held(proxy, echo, heldSessions, async () => {
    await pause(settleMs);
    return residentBytes(pid);
  });
  return [{ workload: 'idle-memory', value: (after - before) / heldSessions }];
}

/** Looks while the sessions are there. */
async function held<T>(proxy: Candidate, port: number, count: number, look: () => Promise<T>): Promise<T> {
  const [command = '', ...args] = ['taskset', '-c', String(loadCore), ...ownLoad];
  const child = spawn(command, [...args, 'hold', proxy.address, String(port), String(count)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  const ready = once(child.stdout, 'data');
  const first = await Promise.race([ready, exit.then(() => null)]);
  if (first === null) throw new Error(`${count} sessions through ${proxy.name} could not be held`);
  const seen = await look();
  child.stdin.end();
  await exit;
  return seen;
}

function cpu({ pid }: Candidate): number {
  return pid === null ? 0 : cpuSeconds(pid);
}
