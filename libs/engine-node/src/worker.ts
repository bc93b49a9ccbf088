// The relaying half over net.Socket: adopts moved sockets, peeks, dials, and gives pairs to relay.ts.
import type { Socket } from 'node:net';
import type { MessagePort } from 'node:worker_threads';
import type { End, PeekEnd, WorkerEngine, WorkerEngineOptions } from '@sluice/engine';
import { dial } from './dial.ts';
import { Peek } from './peek.ts';
import { relay } from './relay.ts';

/** What the engine keeps of an end. */
export interface Held {
  readonly socket: Socket;
  /** Bytes read while peeking that no one has consumed: they go first in a relay. */
  head: Buffer;
  /** The client ended (FIN) or broke off (RST) while nobody read. */
  ended: boolean;
  broken: boolean;
  peek: Peek | null;
}

export function hold(socket: Socket): Held {
  const held: Held = { socket, head: Buffer.alloc(0), ended: false, broken: false, peek: null };
  // A socket without an error listener ends the thread; whoever runs the end looks at `broken`.
  socket.on('error', () => {
    held.broken = true;
  });
  return held;
}

export function openWorker(ticket: unknown, options: WorkerEngineOptions): WorkerEngine {
  const port = ticket as MessagePort;
  const ends = new Map<End, Held>();
  let next: End = 1;

  const adopt = (held: Held): End => {
    const end = next++;
    ends.set(end, held);
    return end;
  };
  const get = (end: End): Held => {
    const held = ends.get(end);
    if (held === undefined) throw new Error(`end ${end} is not held`);
    return held;
  };
  const give = (end: End): Held => {
    const held = get(end);
    ends.delete(end);
    held.peek?.finish('aborted');
    return held;
  };

  port.on('message', ({ socket, listener }: { socket: Socket; listener: number }) => {
    // Neither option travels with a moved socket.
    socket.allowHalfOpen = true;
    socket.setNoDelay(true);
    options.accepted(adopt(hold(socket)), listener);
  });

  return {
    name: 'node',
    addresses: (end) => addresses(get(end).socket),
    peek(end, limits, look, done: (how: PeekEnd) => void) {
      const held = get(end);
      held.peek = new Peek(held, limits, look, (how) => {
        held.peek = null;
        done(how);
      });
      held.peek.start();
    },
    discard(end, count) {
      const held = get(end);
      held.head = held.head.subarray(count);
    },
    preface: (end, bytes) => void get(end).socket.write(Buffer.from(bytes)),
    dial: (to, done) => dial(to, (result) => done(result.ok ? { ok: true, value: adopt(hold(result.value)) } : result)),
    relay: (downstream, upstream, limits, done) => relay(give(downstream), give(upstream), limits, done),
    close(end) {
      const { socket } = give(end);
      socket.end();
      socket.destroySoon();
    },
    reset: (end) => void give(end).socket.resetAndDestroy(),
    held: () => ends.size,
    stop() {
      for (const end of [...ends.keys()]) give(end).socket.resetAndDestroy();
      port.close();
    },
  };
}

function addresses(socket: Socket) {
  return {
    localAddress: socket.localAddress ?? '',
    localPort: socket.localPort ?? 0,
    remoteAddress: socket.remoteAddress ?? '',
    remotePort: socket.remotePort ?? 0,
  };
}
