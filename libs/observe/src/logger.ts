// The logger of every process: one JSON line an event on one descriptor, written in whole lines.
// Levels: error = could not be handled, warn = recovered, info = life cycle, debug = each step.
import pino, { type Logger } from 'pino';

export type { Logger } from 'pino';

/** pipe(7): writes up to PIPE_BUF bytes are atomic, so lines of several threads do not mix in one pipe. */
const atomicWriteBytes = 4096;

const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export interface LoggerOptions {
  /** Which program logs: acceptor, config-service, ... */
  readonly component: string;
  /** pino level; unknown ones are a fault of the caller, see `isLevel`. */
  readonly level: string;
  /** Fields of every line, such as the acceptor's id. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** 1 = standard output, 2 = standard error. */
  readonly descriptor?: 1 | 2;
  /** Collects lines up to a write's size and flushes each second: for lines at a high rate, such as access logs. */
  readonly buffered?: boolean;
}

export function isLevel(level: string): boolean {
  return (levels as readonly string[]).includes(level);
}

export function createLogger(options: LoggerOptions): Logger {
  const buffered = options.buffered === true;
  const destination = pino.destination({
    dest: options.descriptor ?? 1,
    sync: !buffered,
    ...(buffered ? { minLength: atomicWriteBytes / 2, maxWrite: atomicWriteBytes, periodicFlush: 1000 } : {}),
  });
  // A reader that went away (EPIPE on a closed pipe) must not end a process that serves.
  destination.on('error', () => {});
  return pino(
    {
      level: options.level,
      base: { component: options.component, ...options.fields },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
}
