// The first SIGINT or SIGTERM lets a command that has begun to change something say how far it came. After that the process
// ends by the signal, as whoever sent it expects; a second one ends it at once.
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

const ending = new AbortController();
let received: NodeJS.Signals | null = null;

/** Aborted by the first signal after `heedInterrupts`. */
export const interruption: AbortSignal = ending.signal;

/** From now on; until then a signal ends the process as ever. */
export function heedInterrupts(): void {
  for (const signal of SIGNALS) process.on(signal, heard);
}

/** To be called when all is said. */
export function endIfInterrupted(): void {
  if (received !== null) process.kill(process.pid, received);
}

function heard(signal: NodeJS.Signals): void {
  for (const each of SIGNALS) process.off(each, heard);
  received = signal;
  ending.abort();
}
