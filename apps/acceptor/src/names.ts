// Dials an endpoint that may be named by a DNS name. Answers are kept for a short time for all sessions of the worker, so
// that a burst of connections asks once; a name's addresses are taken in turn.
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { DialTo, End, Result, WorkerEngine } from '@sluice/engine';

/** Shorter than common TTLs (the system's resolver tells none), long enough to spare it in a burst. */
const keptMs = 5_000;

/** Names kept at once; beyond, the oldest goes. */
const keptNames = 10_000;

interface Answer {
  readonly untilMs: number;
  readonly addresses: Promise<readonly string[]>;
  next: number;
}

const answers = new Map<string, Answer>();

/** As WorkerEngine.dial, names included; returns the way to give up. */
export function dialName(
  engine: WorkerEngine,
  { address, port }: { readonly address: string; readonly port: number },
  rest: Omit<DialTo, 'address' | 'port'>,
  done: (result: Result<End>) => void,
): () => void {
  if (isIP(address) !== 0 || address.startsWith('unix://')) return engine.dial({ ...rest, address, port }, done);
  let giveUp = () => {
    givenUp = true;
    done({ ok: false, error: { code: 'aborted', message: `gave up looking for ${address}` } });
  };
  let givenUp = false;
  const answer = resolve(address);
  answer.addresses.then(
    (found) => {
      if (!givenUp) giveUp = engine.dial({ ...rest, address: found[answer.next++ % found.length], port }, done);
    },
    (cause: NodeJS.ErrnoException) => {
      const message = `${address} has no address: ${cause.code}`;
      if (!givenUp) done({ ok: false, error: { code: 'unreachable', message } });
    },
  );
  return () => giveUp();
}

function resolve(name: string): Answer {
  const known = answers.get(name);
  if (known !== undefined && known.untilMs > performance.now()) return known;
  if (answers.size >= keptNames) answers.delete(answers.keys().next().value as string);
  const addresses = lookup(name, { all: true }).then((all) => all.map((each) => each.address));
  const answer: Answer = { untilMs: performance.now() + keptMs, addresses, next: known?.next ?? 0 };
  answers.delete(name);
  answers.set(name, answer);
  return answer;
}
