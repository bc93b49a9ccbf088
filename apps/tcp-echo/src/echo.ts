// The echo itself: one connection is one id in the log.
import { randomUUID } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { rawBytes } from './log.ts';

/** Bytes of one read that are logged; a bulk transfer must not fill the log. */
const loggedBytes = 1024;

export interface Echo {
  readonly server: Server;
  /** Takes no more, and ends the connections that are there. */
  close(): void;
}

export function echoServer(greeting: string, log: (text: string) => void): Echo {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    serve(socket, greeting, log);
    socket.on('close', () => sockets.delete(socket));
  });
  return {
    server,
    close() {
      server.close();
      for (const socket of sockets) socket.destroySoon();
    },
  };
}

function serve(socket: Socket, greeting: string, log: (text: string) => void): void {
  const id = randomUUID();
  log(`${id} - Connection opened from ${socket.remoteAddress}:${socket.remotePort}`);
  if (greeting !== '') socket.write(greeting);
  socket.on('data', (bytes: Buffer) => {
    const shown = bytes.subarray(0, loggedBytes);
    const left = bytes.length - shown.length;
    const more = left > 0 ? ` ... and ${left} bytes more` : '';
    log(`${id} - Received Raw Data: ${rawBytes(shown)}${more}`);
    log(`${id} - Received Data (converted to string): ${shown.toString().replace(/\r?\n$/, '')}${more}`);
    if (!socket.write(bytes)) {
      socket.pause();
      socket.once('drain', () => socket.resume());
    }
  });
  socket.on('end', () => socket.end());
  socket.on('error', (error: NodeJS.ErrnoException) => log(`${id} - Error: ${error.code ?? error.message}`));
  socket.on('close', () => log(`${id} - Connection closed`));
}
