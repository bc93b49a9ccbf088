// Worker threads die at random moments under load: no descriptor may be lost, and none closed twice.
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import type { Listening } from '@sluice/engine';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type LinuxAccepting, openAccepting } from './accepting.ts';
import type { KilledWorkerData } from './killed-worker.ts';

const clientsAtOnce = 24;
const deaths = 18;
const bulk = Buffer.alloc(6 << 20);
const seed = Number(process.env.SLUICE_SEED ?? Date.now() % 1_000_000);

const test = suite(`workers killed under load (SLUICE_SEED=${seed})`);

function randoms(start: number): () => number {
  let state = start;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Sockets, epoll and event descriptors of the process; Node opens and closes files and pipes of its own. */
function descriptors(): number {
  const kind = (fd: string): string => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return ''; // the descriptor of this very reading
    }
  };
  return readdirSync('/proc/self/fd').filter((fd) => /^(socket|anon_inode)/.test(kind(fd))).length;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Clients that come again and again, send, and read until they are cut off or answered. */
class Load {
  running = true;
  answered = 0;
  readonly #at: Listening;
  readonly #sockets = new Set<Socket>();

  constructor(at: Listening) {
    this.#at = at;
    for (let i = 0; i < clientsAtOnce; i++) this.#client(i);
  }

  async stop(): Promise<void> {
    this.running = false;
    for (const socket of this.#sockets) socket.destroy();
    while (this.#sockets.size > 0) await turn();
  }

  #client(i: number): void {
    if (!this.running) return;
    const socket = connect(this.#at.port, '127.0.0.1');
    this.#sockets.add(socket);
    let received = 0;
    // Every other one holds on, so that dying threads have established sessions too.
    const wanted = i % 2 === 0 ? 1 : 64;
    socket.on('error', () => {});
    // Some send in bulk, so that threads die with pipes in use.
    socket.on('connect', () => socket.write(i % 6 === 5 ? bulk : 'x'));
    socket.on('data', () => {
      this.answered++;
      if (++received < wanted) socket.write('x');
      else socket.end();
    });
    socket.on('close', () => {
      this.#sockets.delete(socket);
      setImmediate(() => this.#client(i));
    });
  }
}

async function echo(): Promise<{ server: Server; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, sockets };
}

function spawn(accepting: LinuxAccepting, worker: number, port: number, random: () => number): Worker {
  const { message } = accepting.seat(worker);
  const how = random();
  const workerData: KilledWorkerData = {
    seat: message,
    port,
    dieAfter: how < 0.4 ? 0 : 1 + Math.floor(random() * 150),
    die: how < 0.7 ? 'throw' : 'exit',
  };
  const thread = new Worker(new URL('./killed-worker.ts', import.meta.url), { workerData, stderr: true });
  thread.on('error', () => {});
  return thread;
}

/** Runs until `deaths` threads have died, each replaced; answers how many each way. */
async function dieAndDie(accepting: LinuxAccepting, workers: number, load: Load, port: number): Promise<void> {
  const random = randoms(seed);
  let dead = 0;
  const seat = async (worker: number): Promise<void> => {
    while (dead < deaths) {
      const thread = spawn(accepting, worker, port, random);
      const exit = new Promise((resolve) => thread.on('exit', resolve));
      await Promise.race([once(thread, 'message').catch(() => {}), exit]);
      accepting.serves(worker);
      const mark = load.answered + 20 + Math.floor(random() * 400);
      let over = false;
      exit.then(() => {
        over = true;
      });
      while (!over && load.answered < mark) await turn();
      for (let i = Math.floor(random() * 50); i > 0 && !over; i--) await turn();
      await thread.terminate();
      await exit;
      accepting.unseat(worker);
      assert.is(accepting.owned(worker), 0);
      dead++;
    }
  };
  await Promise.all(Array.from({ length: workers }, (_, worker) => seat(worker)));
}

async function killUnderLoad(workers: number): Promise<void> {
  const before = descriptors();
  let next = 0;
  const faults: string[] = [];
  const accepting = openAccepting({
    place: () => next++ % workers,
    lone: workers === 1,
    onFault: (fault) => void faults.push(fault.message),
  });
  const { server, sockets } = await echo();
  const listening = await accepting.listen({
    listener: 1,
    address: '127.0.0.1',
    port: 0,
    backlog: 128,
    reusePort: false,
  });
  assert.ok(listening.ok);
  const load = new Load(listening.value);
  await dieAndDie(accepting, workers, load, (server.address() as { port: number }).port);
  assert.ok(load.answered > 0);
  await load.stop();
  await accepting.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
  // Node gives the threads' own descriptors back a few turns after their exit.
  for (let i = 0; i < 1000 && descriptors() > before; i++) await turn();
  assert.is(accepting.closedTwice, 0, 'closed twice');
  assert.equal(faults, []);
  assert.is(descriptors(), before, 'descriptors left open');
}

test('connections handed over: none lost, none closed twice', () => killUnderLoad(2));

test('connections taken by a lone worker: none lost, none closed twice', () => killUnderLoad(1));

test('what a thread breaks off by dying is reset on both sides, not ended as if it were whole', async () => {
  const accepting = openAccepting({ place: () => 0, lone: true, onFault: () => {} });
  const { server, sockets } = await echo();
  const at = await accepting.listen({ listener: 1, address: '127.0.0.1', port: 0, backlog: 16, reusePort: false });
  assert.ok(at.ok);
  const { port } = server.address() as { port: number };
  const workerData: KilledWorkerData = { seat: accepting.seat(0).message, port, dieAfter: 2, die: 'throw' };
  const thread = new Worker(new URL('./killed-worker.ts', import.meta.url), { workerData, stderr: true });
  thread.on('error', () => {});
  const exit = new Promise((resolve) => thread.on('exit', resolve));
  await once(thread, 'message');
  accepting.serves(0);
  const client = connect(at.value.port, '127.0.0.1');
  client.write('part of an answer');
  await once(client, 'data');
  const [endpoint] = sockets;
  const errors = Promise.all([client, endpoint as Socket].map((socket) => brokeOff(socket)));
  const second = connect(at.value.port, '127.0.0.1').on('error', () => {});
  await exit;
  accepting.unseat(0);
  assert.equal(await errors, ['ECONNRESET', 'ECONNRESET']);
  second.destroy();
  await accepting.close();
  server.close();
});

/** Resolves with the error a socket ends by, '' where it ends by FIN. */
function brokeOff(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    socket.on('end', () => resolve(''));
  });
}

test.run();
