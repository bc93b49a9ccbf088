// The relaying half over net.Socket: adopts moved sockets, peeks, dials, ends TLS, and gives pairs to relay.ts.
import type { Socket } from 'node:net';
import type { MessagePort } from 'node:worker_threads';
import type { End, PeekEnd, Relay, TlsContext, TlsEngine, WorkerEngineOptions } from '@sluice/engine';
import { dial } from './dial.ts';
import { Handshake } from './handshake.ts';
import { Held } from './held.ts';
import { Peek } from './peek.ts';
import { relay } from './relay.ts';
import type { NodeTlsContext } from './tls-context.ts';

export function openWorker(ticket: unknown, options: WorkerEngineOptions): TlsEngine {
  const port = ticket as MessagePort;
  const engine = openTls(() => port.close());
  port.on('message', ({ socket, listener }: { socket: Socket; listener: number }) => {
    // Neither option travels with a moved socket.
    socket.allowHalfOpen = true;
    socket.setNoDelay(true);
    options.accepted(engine.adopt(socket), listener);
  });
  return engine;
}

/** The same without connections of its own: for those that another engine gave up. */
export function openTls(stopped: () => void = () => {}): TlsEngine {
  const ends = new Map<End, Held>();
  const relays = new Set<Relay>();
  const dials = new Set<() => void>();
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
    held.handshake?.abort();
    return held;
  };

  return {
    name: 'node',
    localAddress(end) {
      const { localAddress, localPort } = addresses(get(end).connection);
      return { address: localAddress, port: localPort };
    },
    adopt: (socket) => adopt(new Held(socket)),
    addresses: (end) => addresses(get(end).connection),
    secure(end, context: TlsContext, deadlineMs, done) {
      const held = get(end);
      held.handshake = new Handshake(held, context as NodeTlsContext, deadlineMs, (result) => {
        if (ends.get(end) === held) ends.delete(end);
        if (result.ok) ends.set(end, result.value.held);
        done(result.ok ? { ok: true, value: result.value.secured } : result);
      });
      held.handshake.start();
    },
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
    dial(to, done) {
      const giveUp = dial(to, (result) => {
        dials.delete(giveUp);
        done(result.ok ? { ok: true, value: adopt(new Held(result.value)) } : result);
      });
      dials.add(giveUp);
      return giveUp;
    },
    relay(downstream, upstream, limits, done) {
      const running = relay(give(downstream), give(upstream), limits, (report) => {
        relays.delete(running);
        done(report);
      });
      relays.add(running);
      return running;
    },
    close(end) {
      const { socket } = give(end);
      socket.end();
      socket.destroySoon();
    },
    reset: (end) => give(end).reset(),
    detach(end) {
      const held = give(end);
      const { socket } = held;
      socket.pause();
      const head = held.takeHead();
      if (head.length > 0) socket.unshift(head);
      return socket;
    },
    held: () => ends.size + 2 * relays.size,
    stop() {
      for (const giveUp of [...dials]) giveUp();
      for (const running of [...relays]) running.end('reset');
      for (const end of [...ends.keys()]) give(end).reset();
      stopped();
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
