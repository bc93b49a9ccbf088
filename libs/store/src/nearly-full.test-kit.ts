// A process that keeps version after version at the path given until it cannot, and says which was kept last. To be run with
// a limit on the size of files (ulimit -f), at which the system cuts a write short as it does on a disk that is nearly full.
import { EMPTY_STATE, type State, stepState } from '@sluice/version';
import { StateJournal } from './state-journal.ts';

/** Far more than the limit lets through. */
const VERSIONS = 200;

const journal = new StateJournal(process.argv[2] ?? '');
let state: State = EMPTY_STATE;
let kept = -1;
await journal.keep(state);
for (let n = 1; n <= VERSIONS; n++) {
  const step = {
    kind: 'publish' as const,
    ...{ version: n, change: { put: [], delete: [] }, author: 'ann', message: 'x'.repeat(100 + (n % 7) * 40) },
    ...{ timeMs: 7, submission: `s${n}`, set: '' },
  };
  const after = stepState(state, step);
  journal.followed({ ...step, digest: after.digest, previous: state.digest });
  state = after;
  try {
    await journal.keep(state);
    kept = n;
  } catch {
    break;
  }
}
process.stdout.write(`${kept}\n`);
