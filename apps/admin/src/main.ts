// The admin command line: `scripts/admin COMMAND`. Reads the words, and lets each command be loaded only when it is asked for.
import { CommanderError } from 'commander';
import { EXIT, type ExitStatus } from './exit.ts';
import { fail } from './failure.ts';
import { endIfInterrupted } from './interrupt.ts';
import { print, printJson, tell } from './output.ts';
import { buildProgram } from './program.ts';

/** Before the words are understood: what is wrong with them is to be told as JSON too. */
const json = process.argv.includes('--json');
const program = buildProgram({
  ended: (status) => {
    process.exitCode = status;
  },
  help: (text) => (json ? printJson({ help: text }) : print(text.trimEnd())),
  wrong: tell,
});
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = error instanceof CommanderError ? misread(error) : broken(error as Error);
}
endIfInterrupted();

/** commander has told people already; help is an "error" with status 0. */
function misread({ code, exitCode, message }: CommanderError): ExitStatus {
  if (exitCode === 0) return EXIT.done;
  const said = code === 'commander.help' ? 'a command is missing: see --help' : message.replace(/^error: /, '');
  const hint = code === 'commander.missingArgument' ? waitHint() : '';
  if (json) printJson({ ok: false, reason: 'usage', message: `${said}${hint}` });
  else if (hint !== '') tell(hint.trim());
  return EXIT.usage;
}

/** `rollback --wait 3`: the number is the time to wait, and what was meant by it is missing. */
function waitHint(): string {
  const after = process.argv[process.argv.indexOf('--wait') + 1];
  return process.argv.includes('--wait') && after !== undefined && !after.startsWith('-')
    ? ` ("${after}" was read as the seconds of --wait: write --wait=SECONDS, or --wait at the end)`
    : '';
}

/** A fault of ours: people who report it need the stack. */
function broken(error: Error): ExitStatus {
  tell(error.stack ?? error.message);
  return fail(EXIT.failed, 'fault', `this is a fault of Sluice, please report it: ${error.message}`, json);
}
