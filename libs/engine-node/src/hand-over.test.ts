// Connections that come while the process has no descriptor left: each is served or reset, none is kept by nobody.
import { execFileSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeEngine } from './index.ts';

/** Every second connection of the child process comes while it has none. */
const connections = 6;

if (process.env.SLUICE_OUT_OF_DESCRIPTORS === 'yes') await meet();
else {
  const test = suite('handing over without descriptors');
  test('a connection that cannot be moved is reset and told of, and the next one is served', () => {
    const file = fileURLToPath(import.meta.url);
    const output = execFileSync('/bin/sh', ['-c', 'ulimit -n 120; exec "$0" "$1"', process.execPath, file], {
      encoding: 'utf8',
      timeout: 60_000,
      env: { ...process.env, SLUICE_OUT_OF_DESCRIPTORS: 'yes' },
    });
    const { fates, faults, left } = JSON.parse(output);
    assert.equal(fates, ['served', 'ECONNRESET', 'served', 'ECONNRESET', 'served', 'ECONNRESET']);
    assert.equal(faults, Array(3).fill('descriptors: a connection could not be handed to a worker: EMFILE'));
    assert.is(left, 0, 'descriptors left open');
  });
  test.run();
}

async function meet(): Promise<void> {
  const hogs: number[] = [];
  const faults: string[] = [];
  let hungry = false;
  const accepting = nodeEngine.openAccepting({
    lone: true,
    place: () => {
      // The last moment before a connection is moved.
      if (hungry) while (take(hogs));
      return 0;
    },
    onFault: ({ code, message }) => void faults.push(`${code}: ${message}`),
  });
  const worker = nodeEngine.openWorker(accepting.seat(0).message, {
    accepted: (end) => worker.close(end),
    mayTake: () => true,
    onFault: () => {},
  });
  const listening = await accepting.listen({
    listener: 1,
    address: '127.0.0.1',
    port: 0,
    backlog: 16,
    reusePort: false,
  });
  if (!listening.ok) throw new Error(listening.error.message);
  const fates: string[] = [];
  let before = 0;
  for (let i = 0; i < connections; i++) {
    hungry = i % 2 === 1;
    fates.push(await fate(listening.value.port));
    for (const hog of hogs.splice(0)) closeSync(hog);
    if (i === 1) before = await lowestFree();
    if (i === connections - 1)
      process.stdout.write(JSON.stringify({ fates, faults, left: (await lowestFree()) - before }));
  }
  worker.stop();
  await accepting.close();
}

/** The lowest free number grows by what was left open. Both sides of the last connection close some turns after its fate is known. */
async function lowestFree(): Promise<number> {
  let lowest = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 500; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    const free = openSync('/dev/null', 'r');
    closeSync(free);
    lowest = Math.min(lowest, free);
  }
  return lowest;
}

function take(hogs: number[]): boolean {
  try {
    hogs.push(openSync('/dev/null', 'r'));
    return true;
  } catch {
    return false;
  }
}

function fate(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1').resume();
    socket.on('end', () => resolve('served'));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
  });
}
