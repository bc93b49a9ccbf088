// Where answers go: one JSON document or people's text to stdout, everything else to stderr.
import { writeSync } from 'node:fs';

/** One JSON document in one line, as the only thing on stdout. */
export function printJson(document: unknown): void {
  write(1, `${JSON.stringify(document)}\n`);
}

export function print(text: string): void {
  write(1, `${text}\n`);
}

/** What went wrong, or what is going on. */
export function tell(text: string): void {
  write(2, `${text}\n`);
}

/** A line that the next one replaces; only on a terminal. */
export function progress(text: string): void {
  if (process.stderr.isTTY) write(2, `\r\u001b[K${text}`);
}

export function endProgress(): void {
  if (process.stderr.isTTY) write(2, '\r\u001b[K');
}

/** Synchronous, so that nothing is lost when the process exits; a pipe that is full (EAGAIN) is tried again. */
function write(descriptor: 1 | 2, text: string): void {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') return;
      if (code !== 'EAGAIN') throw error;
    }
  }
}
