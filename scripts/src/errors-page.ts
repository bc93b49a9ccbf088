// docs/errors.md from the closed tables of errors: `node scripts/src/errors-page.ts` writes it, a test holds it to them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { engineErrors } from '../../libs/engine/src/index.ts';
import { outcomes } from '../../libs/session/src/index.ts';
import { STORE_FAULTS } from '../../libs/store/src/index.ts';
import { root } from './root.ts';

export const errorsPagePath = join(root, 'docs/errors.md');

export function errorsPage(): string {
  const engine = Object.entries(engineErrors).map(([code, { meaning, solve }]) => [code, meaning, solve]);
  const store = Object.entries(STORE_FAULTS).map(([code, solve]) => [code, solve]);
  const sessions = Object.entries(outcomes).map(([reason, { flag, meaning }]) => [reason, flag, meaning]);
  return [
    '# Errors',
    'Made from the tables in the code by `node scripts/src/errors-page.ts`. Codes are stable: match on them, never on messages.',
    'What can be wrong with resources is in [issues.md](issues.md).',
    '## Sockets',
    'In the reason of a NACK, in `connectError` of the session log, and in `accept-failed` events.',
    table(['code', 'meaning', 'what to do'], engine),
    '## The store',
    'In `admin` errors (`reason`), and in `store-away` events of acceptors and config services.',
    table(['code', 'what to do'], store),
    '## Why a session ended',
    "`reason` and `flag` of the session log; `reason` of `sluice_sessions_closed_total`. Flags are Envoy's where it has one for TCP.",
    table(['reason', 'flag', 'meaning'], sessions),
  ].join('\n\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
    .concat('\n')
    .trimEnd();
}

if (process.argv[1] === import.meta.filename) writeFileSync(errorsPagePath, `${errorsPage()}\n`);
