// Where a worker's lines go: the process's standard output, one write after the other without waiting for any. A reader
// that stands still must not hold up sessions, so nothing here waits but `flushSync`.
import { fstatSync, write, writeSync } from 'node:fs';
import type { LineSink, OpenSink } from '@sluice/observe';

export const standardOutput = 1;

/** pipe(7), PIPE_BUF: up to so many bytes are written in one piece, so that lines of several threads do not mix. */
const atomicWriteBytes = 4096;
/** To a file every write is in one piece (write(2): the file's lock is held); larger ones are fewer. */
const fileWriteBytes = 64 << 10;

/** Before a write is tried again that met a full pipe which does not wait (EAGAIN). */
const retryMs = 20;

/** Bytes of one write to a descriptor, at the most. */
export function writeBytesFor(descriptor: number): number {
  return fstatSync(descriptor).isFile() ? fileWriteBytes : atomicWriteBytes;
}

export function openOutput(descriptor: number): OpenSink {
  return (done) => new Output(descriptor, done);
}

class Output implements LineSink {
  readonly #descriptor: number;
  readonly #done: (bytes: number) => void;
  readonly #queue: Uint8Array[] = [];
  /** Whether the first of the queue is being written. */
  #writing = false;
  /** Of the first of the queue. */
  #writtenBytes = 0;

  constructor(descriptor: number, done: (bytes: number) => void) {
    this.#descriptor = descriptor;
    this.#done = done;
  }

  write(bytes: Uint8Array): void {
    this.#queue.push(bytes);
    if (!this.#writing) this.#next();
  }

  flushSync(): void {
    // What a write under way has is left to it: it goes on in a thread of its own.
    for (const bytes of this.#queue.splice(this.#writing ? 1 : 0)) this.#writeSync(bytes);
  }

  #next(): void {
    this.#writing = true;
    const [bytes] = this.#queue;
    write(this.#descriptor, bytes, this.#writtenBytes, bytes.length - this.#writtenBytes, null, this.#wrote);
  }

  readonly #wrote = (error: NodeJS.ErrnoException | null, count: number) => {
    if (error?.code === 'EAGAIN') return void setTimeout(() => this.#next(), retryMs);
    const [bytes] = this.#queue;
    this.#writtenBytes += count;
    // A reader that went away (EPIPE), or a full disk, must not end a process that serves: the lines are lost.
    if (error === null && this.#writtenBytes < bytes.length) return this.#next();
    this.#queue.shift();
    this.#writtenBytes = 0;
    this.#writing = false;
    if (this.#queue.length > 0) this.#next();
    this.#done(bytes.length);
  };

  #writeSync(bytes: Uint8Array): void {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#descriptor, bytes, at);
    } catch {
      // As above; and at the end of a thread nobody waits for a full pipe.
    }
    this.#done(bytes.length);
  }
}
