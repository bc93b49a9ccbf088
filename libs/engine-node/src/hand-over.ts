// Moves an accepted socket to a worker's thread. A socket that could not be moved must not stay open with no owner.
import type { Socket } from 'node:net';
import type { MessagePort, Transferable } from 'node:worker_threads';
import { type EngineError, engineError } from '@sluice/engine';

/** What Node keeps under a socket: not documented, so nothing is taken for granted of it. */
interface Handle {
  /** -1 once it has moved. */
  readonly fd?: number;
  /** Closes with RST. */
  reset?(): number;
}

/** Null when the socket is the worker's; else why not, and then it was reset. */
export function handOver(socket: Socket, listener: number, port: MessagePort): EngineError | null {
  const handle = (socket as unknown as { readonly _handle?: Handle | null })._handle;
  try {
    port.postMessage({ listener, socket }, [socket as unknown as Transferable]);
  } catch (cause) {
    // A client that left between accept and here leaves a socket without a handle, which cannot be moved.
    socket.destroy();
    return engineError('', `a connection could not be handed to a worker: ${(cause as Error).message}`);
  }
  // Node moves a duplicate of the descriptor. Where there is none left for it, it says nothing: the message is lost, and
  // the handle, which the socket has given up, stays open for ever.
  if (handle?.fd === undefined || handle.fd < 0) return null;
  handle.reset?.();
  return engineError('EMFILE', 'a connection could not be handed to a worker');
}
