// The admin command line: `scripts/admin COMMAND`. Reads the words, and lets each command be loaded only when it is asked for.
import { CommanderError } from 'commander';
import { EXIT } from './exit.ts';
import { buildProgram } from './program.ts';

const program = buildProgram((status) => {
  process.exitCode = status;
});
try {
  await program.parseAsync();
} catch (error) {
  // commander has said on stderr what is wrong; help and version are "errors" with status 0.
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
}
