// The commands and their options, as commander knows them. Says what there is, and does nothing itself.
import { Command, InvalidArgumentError, Option } from 'commander';
import { parseDestination, parseLabels, parsePort, parseProtocols, parseSource } from './connection.ts';
import type { ExitStatus } from './exit.ts';
import { parseKind } from './resource-key.ts';

type Action = (...args: never[]) => Promise<ExitStatus>;

export interface Answers {
  /** A command has ended. */
  readonly ended: (status: ExitStatus) => void;
  /** The help that was asked for. */
  readonly help: (text: string) => void;
  /** What is wrong with the words, for people. */
  readonly wrong: (text: string) => void;
}

export function buildProgram({ ended, help, wrong }: Answers): Command {
  const program = new Command('admin').description('Publishes, checks and explains routes.').exitOverride();
  program.configureHelp({ showGlobalOptions: true }).helpCommand(false);
  program.configureOutput({ writeOut: help, writeErr: (text) => wrong(text.trimEnd()) });
  program.showHelpAfterError('  --help shows what there is');
  /** Loads the command's module and runs it; every command takes --json. */
  const add = (usage: string, description: string, load: () => Promise<Action>) => {
    const command = program.command(usage).description(description).exitOverride();
    command.option('--json', 'one JSON document on stdout, and nothing else there');
    command.action(async (...args: unknown[]) => {
      const action = await load();
      ended(await action(...(args as never[])));
    });
    return command;
  };
  addChanges(add);
  addQuestions(add);
  addKeys(add);
  return program;
}

type Add = (usage: string, description: string, load: () => Promise<Action>) => Command;

const STORE = [
  '--store <url>',
  'store (default: SLUICE_STORE, what runs from this checkout, redis://127.0.0.1:6379)',
] as const;

const DRY_RUN = ['--dry-run', 'only show what would change, in resources, listeners and routes'] as const;

/** What every command that makes a version takes. */
function changing(command: Command): Command {
  return command
    .option(...STORE)
    .option('-m, --message <text>', 'why, for the history', '')
    .option('--author <name>', 'who, for the history (default: SLUICE_AUTHOR, or user@host)')
    .option('--key <file>', 'private key to sign with (default: SLUICE_KEY; see keygen)')
    .option('--expect-version <n>', 'refuse unless n is the newest version', wholeNumber)
    .option('--wait [seconds]', 'until the version is in force in every worker of every live acceptor (30 s)')
    .option(
      '--acceptors <labels>',
      'with --wait: only of those acceptors that have all of these labels',
      acceptorLabels,
    )
    .option(
      '--at-least <n>',
      'with --wait: and of at least so many acceptors, for those that only just start',
      wholeNumber,
    )
    .option('--timeout <seconds>', 'how long to wait for the config service', seconds, 30);
}

function addChanges(add: Add): void {
  const publish = (command: Command) =>
    changing(command)
      .option('--set <name>', 'the set that the resources belong to')
      .option('--prune', 'also delete what belongs to the set and is no longer given')
      .option('--stages <list>', 'roll out in stages of acceptors, such as 1,10%,100%')
      .option('--bake <time>', 'how long each stage is watched (30s)')
      .option('--abort-on <limits>', 'take it back beyond these, such as connect-failure-rate>1%,no-route>0; or none')
      .option('--watch', 'publish the set again with every change of the files, until interrupted')
      .option(...DRY_RUN);
  publish(
    add('publish', 'Publish the resources in files and folders (- is standard input).', async () => {
      return (await import('./publish.ts')).publish;
    }),
  ).argument('[path...]', 'YAML or JSON files, or folders of them');
  publish(
    add('apply', 'The same as publish, as kubectl writes it.', async () => (await import('./publish.ts')).apply),
  ).requiredOption('-f, --filename <path...>', 'YAML or JSON files, folders of them, or - for standard input');
  changing(add('delete', 'Delete a resource.', async () => (await import('./change.ts')).remove))
    .argument('<kind>', 'such as VirtualService', parseKind)
    .argument('<name>', 'NAMESPACE/NAME, or NAME in namespace default')
    .option(...DRY_RUN);
  changing(
    add('rollback', 'Bring the state of an earlier version again, as a new version.', async () => {
      return (await import('./change.ts')).rollback;
    }),
  )
    .argument('<version>', 'the version whose state is wanted', wholeNumber)
    .option('--yes', 'go back to version 0: delete every resource')
    .option(...DRY_RUN);
  add('restore', 'Make the state that an acceptor keeps the head of a store that lost everything.', async () => {
    return (await import('./restore.ts')).restore;
  })
    .argument('<path>', "an acceptor's SLUICE_STATE_DIR, or the file last-committed in it")
    .option('--yes', 'even where another acceptor serves a newer version')
    .option(...STORE);
  changing(
    add(
      'promote',
      'Move the roll-out that runs to its next stage.',
      async () => (await import('./rollout.ts')).promote,
    ),
  ).option('--all', 'to its end: everywhere');
  changing(
    add('abort', 'End the roll-out that runs, with the state before it.', async () => {
      return (await import('./rollout.ts')).abort;
    }),
  );
}

function addQuestions(add: Add): void {
  add('validate', 'Check files without a store.', async () => (await import('./validate.ts')).validate)
    .argument('<path...>', 'YAML or JSON files, or folders of them')
    .option('--each', 'take every file as a set of its own; one JSON line a file')
    .addOption(labelsOption());
  add('status', 'Show every acceptor with its versions.', async () => (await import('./status.ts')).status)
    .option(...STORE)
    .option('-w, --watch', 'again every second, until interrupted; with --json one line each time');
  add('history', 'List versions, newest first.', async () => (await import('./history.ts')).history)
    .option(...STORE)
    .option('-n, --limit <n>', 'how many', positiveNumber, 20)
    .option('--before <n>', 'only versions below n', positiveNumber);
  add('show', 'Show a version: who, why, and what it changed.', async () => (await import('./show.ts')).show)
    .argument('<version>', 'its number', wholeNumber)
    .option(...STORE)
    .option('--state', 'list all resources at that version instead');
  add('diff', 'Compare two versions: resources, listeners and routes.', async () => (await import('./diff.ts')).diff)
    .argument('<before>', 'a version', wholeNumber)
    .argument('<after>', 'a version', wholeNumber)
    .option(...STORE);
  add('blame', 'Show which version and author last touched a resource.', async () => (await import('./blame.ts')).blame)
    .argument('[kind]', 'such as VirtualService', parseKind)
    .argument('[name]', 'NAMESPACE/NAME, or NAME in namespace default')
    .option(...STORE);
  add('explain', 'Explain where a connection goes, and why.', async () => (await import('./explain.ts')).explain)
    .requiredOption('--port <n>', 'port connected to', parsePort)
    .option('--source <address>', "the client's address", parseSource)
    .option('--destination <address>', 'the address connected to', parseDestination)
    .option('--sni <name>', 'server name in the ClientHello')
    .option('--alpn <protocols>', 'protocols offered, separated by commas', parseProtocols)
    .addOption(labelsOption())
    .option('--at <version>', 'the version to ask (default: the newest)', wholeNumber)
    .addOption(new Option('--with <path...>', 'ask these files instead of a store').conflicts(['at', 'store']))
    .option(...STORE);
}

/** What an acceptor has if SLUICE_LABELS says nothing else. */
const ACCEPTOR_LABELS = 'istio=ingressgateway';

function labelsOption(): Option {
  return new Option('--labels <labels>', 'labels of the acceptor')
    .argParser(parseLabels)
    .default(parseLabels(ACCEPTOR_LABELS), ACCEPTOR_LABELS);
}

function addKeys(add: Add): void {
  add('keygen', 'Make an Ed25519 key pair for signing.', async () => (await import('./keygen.ts')).keygen).argument(
    '<file>',
    'where the private key goes; the public one goes to FILE.pub',
  );
}

function acceptorLabels(text: string): Record<string, string> {
  const labels = parseLabels(text);
  if (Object.keys(labels).length === 0) throw new InvalidArgumentError('must be labels such as zone=a,tier=edge.');
  return labels;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('must be a whole number.');
  return value;
}

function positiveNumber(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError('must be 1 or more.');
  return value;
}

function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('must be a number of seconds.');
  return value;
}
