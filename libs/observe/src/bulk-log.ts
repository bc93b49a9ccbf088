// The logger of a thread that writes lines at a high rate, such as one for each session. pino stays the logger; a frequent
// event gives the text of its fields itself, and gets the same envelope. Lines of both go through one buffer, in order.
import pino, { type Logger } from 'pino';
import { type Line, LineBuffer, type LineSink, type OpenSink } from './line-buffer.ts';
import { type LoggerOptions, pinoOptions } from './logger.ts';

/** The longest a line waits for others: short for those who follow a log, long against what a write costs. */
const flushMs = 100;

/** A reader of the log that stands still takes no more memory than this from each thread: some ten thousand lines. */
const waitingBytes = 4 << 20;

export interface BulkLogOptions extends LoggerOptions {
  /** Bytes of one write, in whole lines. On a pipe at most PIPE_BUF (pipe(7)), so that lines of threads do not mix. */
  readonly writeBytes: number;
  readonly open: OpenSink;
  /** Calls back once after so many milliseconds. */
  readonly later: (call: () => void, ms: number) => void;
}

export class BulkLog {
  readonly logger: Logger;
  readonly #sink: LineSink;
  readonly #later: BulkLogOptions['later'];
  readonly #lines: LineBuffer;
  readonly #beforeTime: string;
  readonly #afterTime: string;
  #waiting = false;
  #timeMs = Number.NaN;
  /** What every line of this moment begins with. */
  #head = '';
  #flushed: (() => void)[] = [];

  constructor(options: BulkLogOptions) {
    const { open, writeBytes, later } = options;
    const sink = open((bytes) => this.#done(bytes));
    this.#sink = sink;
    this.#later = later;
    this.#lines = new LineBuffer({ sink, writeBytes, waitingBytes });
    this.logger = pino(pinoOptions(options), { write: (line) => this.#add(line) });
    [this.#beforeTime, this.#afterTime] = envelopeOf(options);
  }

  /**
   * Begins a line of the level info, to be ended by `end`; null where lines are dropped. What is written to it are its
   * fields as JSON has them, each with a comma before it: `,"event":"session","session":7`. `timeMs`: since 1970. Ask
   * `logger.isLevelEnabled('info')` first, and log nothing else before its end.
   */
  beginInfo(timeMs: number): Line | null {
    if (timeMs !== this.#timeMs) {
      this.#timeMs = timeMs;
      this.#head = `${this.#beforeTime}${new Date(timeMs).toISOString()}${this.#afterTime}`;
    }
    return this.#lines.begin()?.text(this.#head) ?? null;
  }

  end(): void {
    this.#lines.text('}\n');
    this.#end();
  }

  /** Resolves when everything logged so far is written, or cannot be. */
  flushed(): Promise<void> {
    this.#lines.flush();
    if (this.#lines.handedBytes === 0) return Promise.resolve();
    return new Promise((resolve) => this.#flushed.push(resolve));
  }

  /** Writes everything logged so far before it returns: for the end of a thread. */
  flushSync(): void {
    this.#lines.flush();
    this.#sink.flushSync();
  }

  #add(line: string): void {
    if (this.#lines.begin() === null) return;
    this.#lines.text(line);
    this.#end();
  }

  #end(): void {
    this.#lines.end();
    if (this.#waiting) return;
    this.#waiting = true;
    this.#later(this.#flush, flushMs);
  }

  readonly #flush = () => {
    this.#waiting = false;
    this.#lines.flush();
  };

  #done(bytes: number): void {
    this.#lines.done(bytes);
    if (this.#lines.handedBytes > 0) return;
    for (const flushed of this.#flushed.splice(0)) flushed();
    const lines = this.#lines.takeDropped();
    if (lines > 0) this.logger.warn({ event: 'log-lines-dropped', lines }, 'the log was not read fast enough');
  }
}

/** What pino writes before and after the time of a line of this logger. */
function envelopeOf(options: LoggerOptions): [beforeTime: string, afterTime: string] {
  let sample = '';
  const time = 'the time';
  const logger = pino(
    { ...pinoOptions(options), level: 'info', timestamp: () => `,"time":"${time}"` },
    {
      write: (line) => {
        sample = line;
      },
    },
  );
  logger.info({});
  const at = sample.indexOf(time);
  return [sample.slice(0, at), sample.slice(at + time.length, sample.lastIndexOf('}'))];
}
