// Where answers go: one JSON document or people's text to stdout, everything else to stderr.
import { writeSync } from 'node:fs';

/** One JSON document in one line, as the only thing on stdout. */
export function printJson(document: unknown): void {
  write(1, `${JSON.stringify(document)}\n`);
}

export function print(text: string): void {
  write(1, `${visible(text)}\n`);
}

/** What went wrong, or what is going on. */
export function tell(text: string): void {
  write(2, `${visible(text)}\n`);
}

/**
 * Authors, messages and reasons come from others, and could give orders to the terminal: control characters but tabs and line
 * feeds are shown as escapes.
 */
export function visible(text: string): string {
  return text.replace(/[^\P{Cc}\t\n]/gu, (each) => `\\x${each.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** Begins the terminal's screen anew; nothing elsewhere. */
export function clearScreen(): void {
  if (process.stdout.isTTY) write(1, '\u001b[H\u001b[2J');
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
