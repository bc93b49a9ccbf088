// `admin history`: versions, newest first.
import type { EntryHead } from '@sluice/version';
import { EXIT, type ExitStatus } from './exit.ts';
import { print, printJson } from './output.ts';
import { kindText } from './rollout-standing.ts';
import { tableText } from './table.ts';
import { type StoreOptions, withStore } from './with-store.ts';

interface Options extends StoreOptions {
  readonly limit: number;
  readonly before?: number;
}

export function history(options: Options): Promise<ExitStatus> {
  return withStore(options, async (store) => {
    const { version: head } = await store.log.head();
    const entries = await store.log.history(
      Math.min(options.before ?? Number.MAX_SAFE_INTEGER, head + 1),
      options.limit,
    );
    if (options.json === true) printJson({ head, versions: entries.map(versionJson) });
    else if (entries.length === 0) print(noneText(head, options.before));
    else {
      const rows = entries.map((entry) => {
        const { version, timeMs, author, put, message } = entry;
        return [version, timeText(timeMs), author, kindText(entry), `+${put.length} -${entry.delete.length}`, message];
      });
      print(tableText(['VERSION', 'TIME', 'AUTHOR', 'WHAT', 'RESOURCES', 'MESSAGE'], rows));
    }
    return EXIT.done;
  });
}

/** A store that was put back as a state alone has a head and no entries. */
function noneText(head: number, before?: number): string {
  if (head === 0) return 'no version yet';
  return `no version${before === undefined ? '' : ` below ${before}`} is kept one by one; the newest is ${head}`;
}

/** An entry as --json shows it; of signatures the ids of the keys, null where there is none. */
export function versionJson(entry: EntryHead): object {
  const { version, kind, timeMs, author, message, digest, set, restores, put, delete: deleted } = entry;
  const time = new Date(timeMs).toISOString();
  const more = {
    ...(restores === undefined ? {} : { restores }),
    ...(entry.rollout === undefined ? {} : { rollout: entry.rollout }),
    ...(entry.move === undefined ? {} : { move: entry.move }),
  };
  const signed = { publisher: entry.publisher?.key ?? null, configService: entry.attestation?.key ?? null };
  return { version, kind, time, author, message, digest, set, put, delete: deleted, signed, ...more };
}

/** Local time to the second. */
export function timeText(timeMs: number): string {
  const date = new Date(timeMs);
  const local = new Date(timeMs - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19).replace('T', ' ');
}
