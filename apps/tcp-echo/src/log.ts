// Log lines in the walk-through's form: `2018/10/17 07:32:29 text`, in local time.
import type { Writable } from 'node:stream';

export function line(text: string, to: Writable = process.stdout, now = new Date()): void {
  to.write(`${stamp(now)} ${text}\n`);
}

export function stamp(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('/');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`;
}

/** `[104 101 108]`: the bytes in decimal. */
export function rawBytes(bytes: Uint8Array): string {
  return `[${bytes.join(' ')}]`;
}
