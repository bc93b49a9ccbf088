// The relaying half over net.Socket: adopts moved sockets, peeks, dials, and gives pairs to relay.ts.
import type { Socket } from 'node:net';
import type { MessagePort } from 'node:worker_threads';
import type { End, PeekEnd, WorkerEngine, WorkerEngineOptions } from '@sluice/engine';
import { dial } from './dial.ts';
import { Held } from './held.ts';
import { Peek } from './peek.ts';
import { relay } from './relay.ts';

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
    options.accepted(adopt(new Held(socket)), listener);
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
      get(end).discard(count);
    },
    preface: (end, bytes) => void get(end).socket.write(Buffer.from(bytes)),
    dial: (to, done) =>
      dial(to, (result) => done(result.ok ? { ok: true, value: adopt(new Held(result.value)) } : result)),
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
