// A port that takes no connection: its listener's thread is blocked and its queue is full, so the system drops each
// further SYN and a connect stays unanswered. It is how a connect timeout is tested without leaving the machine.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

const program = `
  const { parentPort, workerData } = require('node:worker_threads');
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    setImmediate(() => Atomics.wait(new Int32Array(workerData), 0, 0));
  });
`;

/** More than a backlog of 1 holds; Linux lets in backlog + 1. */
const fillers = 8;

export interface SilentEndpoint {
  readonly port: number;
  close(): Promise<void>;
}

export async function silentEndpoint(): Promise<SilentEndpoint> {
  const gate = new SharedArrayBuffer(4);
  const thread = new Worker(program, { eval: true, workerData: gate });
  const [port] = (await once(thread, 'message')) as [number];
  const sockets: Socket[] = [];
  for (let i = 0; i < fillers; i++) sockets.push(connect({ port, host: '127.0.0.1' }).on('error', () => {}));
  // The first two get in; from then on the queue is full.
  await Promise.all(sockets.slice(0, 2).map((socket) => once(socket, 'connect')));
  return {
    port,
    async close() {
      for (const socket of sockets) socket.destroy();
      Atomics.store(new Int32Array(gate), 0, 1);
      Atomics.notify(new Int32Array(gate), 0);
      await thread.terminate();
    },
  };
}
