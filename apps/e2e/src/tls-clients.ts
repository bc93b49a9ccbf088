// Clients that speak TLS to an edge port, for tests of ending it: what each heard, or how it failed.
import { once } from 'node:events';
import { type AddressInfo, connect as connectPlain, createServer, type Socket } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { RunningAcceptor } from './system.ts';

export interface Heard {
  /** What came up to the end. */
  readonly text: string;
  /** The common name of the certificate; '' where the handshake failed. */
  readonly certificate: string;
  /** The error's code; '' = none. */
  readonly error: string;
}

/** Says something, ends its side, and resolves with what it heard. */
export function say(acceptor: RunningAcceptor, port: number, servername: string, options: ConnectionOptions = {}) {
  return new Promise<Heard>((resolve) => {
    const socket = connect({ host: acceptor.bind, port, servername, rejectUnauthorized: false, ...options });
    let [text, certificate, error] = ['', '', ''];
    socket.on('secureConnect', () => {
      certificate = String(socket.getPeerCertificate().subject.CN);
      socket.end('hello');
    });
    socket.on('data', (chunk) => (text += chunk));
    socket.on('error', (cause: NodeJS.ErrnoException) => (error = cause.code ?? 'unknown'));
    socket.on('close', () => resolve({ text, certificate, error }));
  });
}

/** A session that stays: what it said so far comes back as it is. */
export class LastingClient {
  readonly socket: TLSSocket;
  received = '';
  closed = false;

  constructor(acceptor: RunningAcceptor, port: number, servername: string, options: ConnectionOptions = {}) {
    this.socket = connect({ host: acceptor.bind, port, servername, rejectUnauthorized: false, ...options });
    this.socket.on('data', (chunk) => (this.received += chunk));
    this.socket.on('error', () => {});
    this.socket.on('close', () => (this.closed = true));
  }
}

/** A ClientHello as Node's client sends it. */
export async function realHello(servername: string): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, servername });
  client.on('error', () => {});
  const [socket] = (await once(server, 'connection')) as [Socket];
  const [hello] = (await once(socket, 'data')) as [Buffer];
  client.destroy();
  server.close();
  return hello;
}

/** Sends these bytes and resolves when the other side has closed. */
export function sendRaw(acceptor: RunningAcceptor, port: number, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const socket = connectPlain({ host: acceptor.bind, port });
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.on('end', () => socket.end());
    socket.resume();
    socket.write(bytes);
  });
}
