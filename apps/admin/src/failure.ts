// How a command tells what went wrong: to people on stderr, and with --json as the one document on stdout too.
import { EXIT, type ExitStatus } from './exit.ts';
import { printJson, tell } from './output.ts';

/** `reason` is a word to match on, `message` says what is wrong and what to do. */
export function fail(status: ExitStatus, reason: string, message: string, json = false): ExitStatus {
  if (json) printJson({ ok: false, reason, message });
  tell(message);
  return status;
}

export function wrongUsage(message: string, { json = false }: { readonly json?: boolean }): ExitStatus {
  return fail(EXIT.usage, 'usage', message, json);
}
