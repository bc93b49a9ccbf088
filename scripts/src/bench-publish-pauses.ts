// Loaded into every thread of a process before its own code: tells the longest pause of each thread's event loop between
// two signals (SIGUSR2 to begin, and again to end). Never part of what is served.
import { writeSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { BroadcastChannel, isMainThread, threadId, workerData } from 'node:worker_threads';

/** Each thread wakes that often; a pause that falls between two wakings is told that much too short. */
const RESOLUTION_MS = 5;

const thread = isMainThread ? 'main' : (workerData as { stateDir?: string } | null)?.stateDir ? 'config' : 'worker';
const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
const channel = new BroadcastChannel('pauses');
channel.unref();
let isOn = false;

function toggle(): void {
  if (isOn) {
    delays.disable();
    const ms = (value: number) => Math.max(0, value / 1e6 - RESOLUTION_MS);
    const told = { event: 'pauses', thread, threadId, maxMs: ms(delays.max), p99Ms: ms(delays.percentile(99)) };
    writeSync(1, `${JSON.stringify(told)}\n`);
  } else {
    delays.reset();
    delays.enable();
  }
  isOn = !isOn;
}

channel.onmessage = toggle;
if (isMainThread)
  process.on('SIGUSR2', () => {
    channel.postMessage('toggle');
    toggle();
  });
