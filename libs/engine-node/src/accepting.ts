// The accepting half over net.Server. It reads not one byte: an untouched socket is the only kind that can move to
// another thread (Node's worker_threads, "Transferring sockets"), so whatever needs first bytes happens in the worker.
import { createServer, type Server, type Socket } from 'node:net';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import {
  type AcceptingEngine,
  type AcceptingOptions,
  engineError,
  type ListenAt,
  type Listening,
  type Result,
  type Ticket,
} from '@sluice/engine';
import { unixPath } from './address.ts';
import { handOver } from './hand-over.ts';

/** Turns of the event loop in a row without a connection, after which none waits: libuv takes one in each at the least. */
const quietTurns = 2;

const onlyTcp = 'Node moves TCP sockets between threads, not unix ones';

export function openAccepting(options: AcceptingOptions): AcceptingEngine {
  const seats = new Map<number, MessagePort>();
  const servers = new Map<Server, Listening>();

  const hand = (socket: Socket, listener: number) => {
    const port = seats.get(options.place(listener));
    if (port === undefined) {
      socket.resetAndDestroy();
      return;
    }
    const error = handOver(socket, listener, port);
    if (error !== null) options.onFault(error);
  };

  return {
    name: 'node',
    listen: (at) => listen(at, hand, servers, options),
    seat(worker) {
      const { port1, port2 } = new MessageChannel();
      seats.set(worker, port1);
      port1.unref();
      return { message: port2, transfer: [port2] } satisfies Ticket;
    },
    // `place` answers with a worker only when it serves.
    serves() {},
    unseat(worker) {
      seats.get(worker)?.close();
      seats.delete(worker);
    },
    async close() {
      await Promise.all([...servers.values()].map((listening) => listening.close()));
      for (const port of seats.values()) port.close();
      seats.clear();
    },
  };
}

function listen(
  at: ListenAt,
  hand: (socket: Socket, listener: number) => void,
  servers: Map<Server, Listening>,
  options: AcceptingOptions,
): Promise<Result<Listening>> {
  let taken = 0;
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => {
    taken++;
    // Errors before the hand-over have no session to tell; without a listener they would end the process.
    socket.on('error', () => {});
    hand(socket, at.listener);
  });
  if (unixPath(at.address) !== null)
    return Promise.resolve({
      ok: false,
      error: { code: 'unsupported', message: `cannot listen on ${at.address}: ${onlyTcp}` },
    });
  const where = `${at.address}:${at.port}`;
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException) => {
      resolve({ ok: false, error: engineError(error.code ?? '', `cannot listen on ${where}`) });
    };
    server.once('error', failed);
    const { address: host, port, reusePort, backlog } = at;
    server.listen({ host, port, reusePort, backlog, ipv6Only: host !== '::' }, () => {
      server.off('error', failed);
      server.on('error', (error: NodeJS.ErrnoException) =>
        options.onFault(engineError(error.code ?? '', `accept on ${where}`)),
      );
      const bound = server.address();
      const listening: Listening = {
        listener: at.listener,
        address: at.address,
        port: typeof bound === 'object' && bound !== null ? bound.port : 0,
        async close() {
          if (!servers.delete(server)) return;
          await takeRest(() => taken, backlog);
          await new Promise((resolved) => server.close(resolved));
        },
      };
      servers.set(server, listening);
      resolve({ ok: true, value: listening });
    });
  });
}

/** Those that wait in a listener's queue have been told that they are connected: with the socket they would be reset. */
async function takeRest(taken: () => number, most: number): Promise<void> {
  const before = taken();
  for (let quiet = 0; quiet < quietTurns && taken() - before < most; ) {
    const last = taken();
    await new Promise((resolve) => setImmediate(resolve));
    quiet = taken() === last ? quiet + 1 : 0;
  }
}
