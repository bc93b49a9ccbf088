// Lines gathered to be written many at a time, in whole lines and in order. A line is put together in place, without a
// string for it. It holds a bounded amount and says what it had to leave out; it neither writes nor keeps time itself.

/** What writes them: one write after the other, in order. */
export interface LineSink {
  /** Keeps the bytes until they are out, or cannot be; then says so by the callback it was opened with. */
  write(bytes: Uint8Array): void;
  /** Writes what it was given and is not out, and returns when it is, or cannot be. */
  flushSync(): void;
}

/** `done`: so many of the bytes given are out, or cannot be. */
export type OpenSink = (done: (bytes: number) => void) => LineSink;

/** A line in the making. */
export interface Line {
  /** As it is. */
  text(text: string): Line;
  /** As a JSON string, quotes included. */
  quoted(text: string): Line;
  /** A whole number. */
  number(value: number): Line;
}

export interface LineBufferOptions {
  readonly sink: Pick<LineSink, 'write'>;
  /** Bytes handed over at once, at the most, unless one line alone is longer. */
  readonly writeBytes: number;
  /** Bytes that may wait: here and, handed over, at the sink. Lines beyond are dropped and counted. */
  readonly waitingBytes: number;
}

/** UTF-8 for one of JavaScript's 16-bit characters. */
const mostBytesOfChar = 3;
/** Numbers below take integer arithmetic alone, and have at the most so many digits. */
const smallNumbers = 2 ** 30;
const mostDigits = 10;
const zero = 0x30;
const quote = 0x22;
const backslash = 0x5c;
const space = 0x20;
const firstBeyondAscii = 0x80;

export class LineBuffer implements Line {
  readonly #options: LineBufferOptions;
  #bytes: Buffer;
  /** End of the last whole line, and of the one in the making. */
  #used = 0;
  #at = 0;
  /** Handed over, and the sink is not done with them. */
  #handed = 0;
  #dropped = 0;

  constructor(options: LineBufferOptions) {
    this.#options = options;
    this.#bytes = Buffer.allocUnsafeSlow(options.writeBytes * 2);
  }

  get isEmpty(): boolean {
    return this.#used === 0;
  }

  /** Bytes that the sink was given, and is not done with. */
  get handedBytes(): number {
    return this.#handed;
  }

  /** Begins a line, or answers null and counts it as dropped, because what waits is too much already. */
  begin(): Line | null {
    if (this.#handed + this.#used > this.#options.waitingBytes) {
      this.#dropped++;
      return null;
    }
    // One that a fault left without an end is taken back.
    this.#at = this.#used;
    return this;
  }

  text(text: string): Line {
    const { length } = text;
    this.#makeRoom(length * mostBytesOfChar);
    const bytes = this.#bytes;
    let at = this.#at;
    for (let i = 0; i < length; i++) {
      const char = text.charCodeAt(i);
      if (char >= firstBeyondAscii) {
        this.#at += bytes.write(text, this.#at);
        return this;
      }
      bytes[at++] = char;
    }
    this.#at = at;
    return this;
  }

  quoted(text: string): Line {
    const { length } = text;
    this.#makeRoom(length + 2);
    const bytes = this.#bytes;
    let at = this.#at;
    bytes[at++] = quote;
    for (let i = 0; i < length; i++) {
      const char = text.charCodeAt(i);
      if (char < space || char >= firstBeyondAscii || char === quote || char === backslash)
        return this.text(JSON.stringify(text));
      bytes[at++] = char;
    }
    bytes[at++] = quote;
    this.#at = at;
    return this;
  }

  number(value: number): Line {
    if (!(value >= 0 && value < smallNumbers)) return this.text(String(value));
    this.#makeRoom(mostDigits);
    let digits = 1;
    for (let most = 10; value >= most; most *= 10) digits++;
    let left = value | 0;
    for (let at = this.#at + digits - 1; at >= this.#at; at--) {
      const rest = (left / 10) | 0;
      this.#bytes[at] = zero + left - rest * 10;
      left = rest;
    }
    this.#at += digits;
    return this;
  }

  /** Ends the line in the making, which has its newline. */
  end(): void {
    const before = this.#used;
    if (this.#at > this.#options.writeBytes) this.#handWhole(before);
    this.#used = this.#at;
    if (this.#used > this.#options.writeBytes) this.flush();
  }

  /** Hands over what is here; not within a line. */
  flush(): void {
    this.#handWhole(this.#used);
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

  /** Hands over the whole lines before `end`; what follows moves to the front. */
  #handWhole(end: number): void {
    if (end === 0) return;
    const bytes = Buffer.from(this.#bytes.subarray(0, end));
    this.#bytes.copyWithin(0, end, this.#at);
    this.#at -= end;
    this.#used = 0;
    this.#handed += bytes.length;
    this.#options.sink.write(bytes);
  }

  #makeRoom(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    this.#handWhole(this.#used);
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (this.#at + bytes));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
  }
}
