// Load of `bench peers` that no tool gives: `echo PORT` serves; `ping ADDRESS PORT SECONDS` and `hold ADDRESS PORT COUNT`
// measure. A program of its own, so that it can be pinned.
import { connect, createServer, type Socket } from 'node:net';

const [mode = '', address = '', port = '', amount = ''] = process.argv.slice(2);

/** Connects at once; more would overrun a backlog. */
const connectsAtOnce = 100;

function opened(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port: Number(port), noDelay: true });
    socket.once('error', reject);
    // One byte there and back, so that the session is there and has its buffers.
    socket.once('connect', () => socket.write('x'));
    socket.once('data', () => resolve(socket));
  });
}

async function ping(): Promise<void> {
  const socket = await opened();
  const untilMs = performance.now() + Number(amount) * 1000;
  const microseconds: number[] = [];
  let sentMs = 0;
  await new Promise<void>((resolve) => {
    const send = () => {
      sentMs = performance.now();
      socket.write('x');
    };
    socket.on('data', () => {
      const nowMs = performance.now();
      microseconds.push((nowMs - sentMs) * 1000);
      if (nowMs < untilMs) send();
      else resolve();
    });
    send();
  });
  socket.destroy();
  microseconds.sort((a, b) => a - b);
  const at = (part: number) => microseconds[Math.floor(microseconds.length * part)];
  process.stdout.write(JSON.stringify({ p50: at(0.5), p99: at(0.99), count: microseconds.length }));
}

/** Opens sessions, says "held", and holds them until its input ends. */
async function hold(): Promise<void> {
  const sockets: Socket[] = [];
  for (let left = Number(amount); left > 0; left -= connectsAtOnce)
    sockets.push(...(await Promise.all(Array.from({ length: Math.min(left, connectsAtOnce) }, opened))));
  process.stdout.write('held\n');
  await new Promise((resolve) => process.stdin.on('end', resolve).resume());
  for (const socket of sockets) socket.resetAndDestroy();
}

function echo(): void {
  createServer({ noDelay: true, allowHalfOpen: false }, (socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes) => socket.write(bytes));
  }).listen({ host: '127.0.0.1', port: Number(address), backlog: 4096 }, () => process.stdout.write('ready\n'));
}

if (mode === 'echo') echo();
else if (mode === 'ping') await ping();
else if (mode === 'hold') await hold();
else {
  process.stderr.write('usage: echo PORT | ping ADDRESS PORT SECONDS | hold ADDRESS PORT COUNT\n');
  process.exitCode = 2;
}
