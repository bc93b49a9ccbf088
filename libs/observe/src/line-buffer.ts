// Lines gathered to be written many at a time, in whole lines and in order. It holds a bounded amount and says what it had
// to leave out; it neither writes nor keeps time itself.

/** What writes them: one write after the other, in order. */
export interface LineSink {
  /** Keeps the bytes until they are out, or cannot be; then says so by the callback it was opened with. */
  write(bytes: Uint8Array): void;
  /** Writes what it was given and is not out, and returns when it is, or cannot be. */
  flushSync(): void;
}

/** `done`: so many of the bytes given are out, or cannot be. */
export type OpenSink = (done: (bytes: number) => void) => LineSink;

export interface LineBufferOptions {
  readonly sink: Pick<LineSink, 'write'>;
  /** Bytes handed over at once, at the most, unless one line alone is longer. */
  readonly writeBytes: number;
  /** Bytes that may wait: here and, handed over, at the sink. Lines beyond are dropped and counted. */
  readonly waitingBytes: number;
}

/** Room for the line that does not fit any more into a write, at the most bytes that its characters can take. */
const spareWrites = 3;
/** UTF-8 for one of JavaScript's 16-bit characters. */
const mostBytesOfChar = 3;

export class LineBuffer {
  readonly #options: LineBufferOptions;
  readonly #bytes: Buffer;
  #used = 0;
  /** Handed over, and the sink is not done with them. */
  #handed = 0;
  #dropped = 0;

  constructor(options: LineBufferOptions) {
    this.#options = options;
    this.#bytes = Buffer.allocUnsafeSlow(options.writeBytes * (1 + spareWrites));
  }

  get isEmpty(): boolean {
    return this.#used === 0;
  }

  /** Bytes that the sink was given, and is not done with. */
  get handedBytes(): number {
    return this.#handed;
  }

  /** `line`: with its newline. False where it was dropped, because what waits is too much already. */
  add(line: string): boolean {
    const { writeBytes, waitingBytes } = this.#options;
    if (this.#handed + this.#used > waitingBytes) {
      this.#dropped++;
      return false;
    }
    if (line.length * mostBytesOfChar > this.#bytes.length - this.#used) {
      this.flush();
      if (line.length * mostBytesOfChar > this.#bytes.length) {
        this.#hand(Buffer.from(line));
        return true;
      }
    }
    const before = this.#used;
    this.#used += this.#bytes.write(line, before);
    if (this.#used > writeBytes) this.#handWithout(before);
    return true;
  }

  /** Hands over what is here. */
  flush(): void {
    if (this.#used > 0) this.#hand(Buffer.from(this.#bytes.subarray(0, this.#used)));
    this.#used = 0;
  }

  /** The sink is done with so many of the bytes handed over. */
  done(bytes: number): void {
    this.#handed -= bytes;
  }

  /** Lines dropped since the last call. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }

  /** Hands over all but the last line, which begins at `before`. */
  #handWithout(before: number): void {
    const end = this.#used;
    this.#used = before;
    this.flush();
    this.#bytes.copyWithin(0, before, end);
    this.#used = end - before;
    if (this.#used > this.#options.writeBytes) this.flush();
  }

  #hand(bytes: Uint8Array): void {
    this.#handed += bytes.length;
    this.#options.sink.write(bytes);
  }
}
