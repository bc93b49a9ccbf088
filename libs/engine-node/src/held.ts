// What the engine keeps of an end that is in no relay: its socket, and the bytes that a peek read and nobody consumed.
import type { Socket } from 'node:net';
import { EndedTls } from './ended-tls.ts';
import type { Handshake } from './handshake.ts';
import type { Peek } from './peek.ts';

const firstBytes = 1024;

/** RST where there is such a thing: a unix socket has none, and Node throws for it. */
export function resetSocket(socket: Socket): void {
  // In the moment of its FIN libuv refuses to reset (EINVAL), and Node then leaves the socket open for good.
  const isSendingFin = socket.writableEnded && !socket.writableFinished && socket.writableLength === 0;
  if (isSendingFin && !socket.destroyed) return void socket.once('finish', () => resetSocket(socket));
  try {
    socket.resetAndDestroy();
  } catch {
    socket.destroy();
  }
}

export class Held {
  readonly socket: Socket;
  /** The client ended (FIN), or broke off (RST), while nobody relayed. */
  ended = false;
  broken = false;
  peek: Peek | null = null;
  handshake: Handshake | null = null;
  /** What TLS came to its end over; null where `socket` is the connection itself. */
  readonly #under: Socket | null;
  /** Grows by doubling: a client that sends one byte at a time costs no more than one that sends all at once. */
  #buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;

  constructor(socket: Socket, under: Socket | null = null) {
    this.socket = socket;
    this.#under = under;
    socket.on('end', () => {
      this.ended = true;
    });
    // A socket without an error listener ends the thread; whoever runs the end looks at `broken`.
    socket.on('error', () => {
      this.broken = true;
    });
  }

  /** The connection itself, which alone has addresses and can be reset. */
  get connection(): Socket {
    return this.#under ?? this.socket;
  }

  /** Whether what `socket` told as its end is none: TLS that was not closed by who spoke it. */
  get isCut(): boolean {
    return this.socket instanceof EndedTls && this.socket.isCut;
  }

  reset(): void {
    resetSocket(this.connection);
    if (this.#under !== null) this.socket.destroy();
  }

  /** Bytes read and not consumed. */
  get head(): Buffer {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  append(chunk: Buffer): void {
    if (this.#end + chunk.length > this.#buffer.length) this.#grow(chunk.length);
    chunk.copy(this.#buffer, this.#end);
    this.#end += chunk.length;
  }

  discard(count: number): void {
    this.#start += count;
  }

  takeHead(): Buffer {
    const head = this.head;
    this.#buffer = Buffer.alloc(0);
    this.#start = this.#end = 0;
    return head;
  }

  #grow(by: number): void {
    const head = this.head;
    const grown = Buffer.allocUnsafe(Math.max(firstBytes, 2 * (head.length + by)));
    head.copy(grown);
    this.#buffer = grown;
    this.#start = 0;
    this.#end = head.length;
  }
}
