// TLS over a connection, with what Node alone does not tell: whether the other side closed it, or it was cut off. Node's
// own wrap of a socket tells both as the same end; so the connection's bytes pass through here, where its end is seen.
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { TLSSocket, type TLSSocketOptions } from 'node:tls';

export class EndedTls extends TLSSocket {
  /** The connection ended, and no close_notify had come (RFC 8446, 6.1): what came last may not be all. */
  isCut = false;
  readonly #wire: Duplex;
  /** Told in the moment when no more will come: what came before may still be to be read. */
  readonly #onEnd: () => void;

  constructor(connection: Socket, options: TLSSocketOptions, onEnd: () => void) {
    const wire = wireOf(connection);
    super(wire, options);
    this.#wire = wire;
    this.#onEnd = onEnd;
    // Node gives errors of TLS under this name only, and goes on, unless its own tls.Server has taken the socket in.
    this.on('_tlsError', (error: Error) => this.destroy(error));
  }

  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    if (chunk === null) {
      if (this.#wire.readableEnded) this.isCut = true;
      this.#onEnd();
    }
    return super.push(chunk, encoding);
  }
}

/** The connection as a stream that Node's TLS takes; back-pressure goes through it both ways. */
function wireOf(connection: Socket): Duplex {
  const wire = new Duplex({
    allowHalfOpen: true,
    read: () => void connection.resume(),
    write: (chunk, _encoding, done) => void connection.write(chunk, done),
    writev(chunks, done) {
      connection.cork();
      for (const [n, { chunk }] of chunks.entries())
        connection.write(chunk, n === chunks.length - 1 ? done : undefined);
      connection.uncork();
    },
    final: (done) => void connection.end(done),
    destroy(error, done) {
      connection.destroySoon();
      done(error);
    },
  });
  connection.on('data', (chunk: Buffer) => {
    if (!wire.push(chunk)) connection.pause();
  });
  connection.on('end', () => wire.push(null));
  connection.on('error', (error) => wire.destroy(error));
  connection.on('close', () => wire.destroy());
  return wire;
}
