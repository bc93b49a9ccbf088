// What `scripts/start` is told on its command line. Pure.
import { parseArgs } from 'node:util';

export interface Arguments {
  readonly acceptors: number;
  /** A store's address, '' = find or start one. */
  readonly store: string;
  readonly samples: boolean;
  readonly engine: 'auto' | 'linux' | 'node';
}

/** Each acceptor needs a loopback address of its own, 127.0.0.1 and up; two cores drive no more than a few. */
const maxAcceptors = 16;

export const help = `Usage: ./scripts/start [--acceptors N] [--store URL] [--no-samples] [--engine auto|linux|node]

Runs the whole system on this machine in the foreground: a store, the config service, acceptors, and the two echo
servers of the walk-through, whose routes are published where the log is empty. Prints a line beginning "ready" when the edge ports answer.
Ctrl-C drains and ends everything.

  --acceptors N   how many acceptors (1..${maxAcceptors}, default 1); each serves the same ports on an address of its own,
                  127.0.0.1, 127.0.0.2, ...
  --store URL     use this store, e.g. redis://127.0.0.1:6379 or sqlite:PATH (default: SLUICE_STORE, else a
                  redis-server of this machine, started privately, else a SQLite file)
  --no-samples    publish no routes, even where the log is empty, and start no echo servers
  --engine NAME   auto (default), linux or node
  --help          this text

Data and logs (a file for each process) are kept under .sluice, or in the folder that SLUICE_DATA names. Other
settings come from the environment (docs/settings.md): LOG_LEVEL, SLUICE_WORKERS, SLUICE_DRAIN_SECONDS, ...
`;

export type Parsed =
  | { readonly kind: 'run'; readonly value: Arguments }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly complaint: string };

export function parseArguments(words: readonly string[]): Parsed {
  let values: { acceptors?: string; store?: string; 'no-samples'?: boolean; engine?: string; help?: boolean };
  try {
    ({ values } = parseArgs({
      args: [...words],
      options: {
        acceptors: { type: 'string' },
        store: { type: 'string' },
        'no-samples': { type: 'boolean' },
        engine: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }));
  } catch (cause) {
    return { kind: 'wrong', complaint: (cause as Error).message };
  }
  if (values.help === true) return { kind: 'help' };
  const acceptors = Number(values.acceptors ?? '1');
  if (!Number.isInteger(acceptors) || acceptors < 1 || acceptors > maxAcceptors)
    return { kind: 'wrong', complaint: `--acceptors must be 1 to ${maxAcceptors}, not "${values.acceptors}"` };
  const engine = values.engine ?? 'auto';
  if (engine !== 'auto' && engine !== 'linux' && engine !== 'node')
    return { kind: 'wrong', complaint: `--engine must be auto, linux or node, not "${engine}"` };
  return {
    kind: 'run',
    value: { acceptors, store: values.store ?? '', samples: values['no-samples'] !== true, engine },
  };
}
