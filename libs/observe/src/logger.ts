// The logger of every process: one JSON line an event on one descriptor, written in whole lines.
// Levels: error = could not be handled, warn = recovered, info = life cycle, debug = each step.
import pino, { type Logger, type LoggerOptions as PinoOptions } from 'pino';

export type { Logger } from 'pino';

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
}

export function isLevel(level: string): boolean {
  return (levels as readonly string[]).includes(level);
}

export function createLogger(options: LoggerOptions): Logger {
  const destination = pino.destination({ dest: options.descriptor ?? 1, sync: true });
  // A reader that went away (EPIPE on a closed pipe) must not end a process that serves.
  destination.on('error', () => {});
  return pino(pinoOptions(options), destination);
}

/** What every line of ours looks like. */
export function pinoOptions({ level, component, fields }: LoggerOptions): PinoOptions {
  return {
    level,
    base: { component, ...fields },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  };
}
