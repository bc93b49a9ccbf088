// `admin publish --watch`: keeps folders published as one set, from the first moment until it is interrupted.
import { createHash, randomUUID } from 'node:crypto';
import { watch as watchFiles } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { SourceFile } from '@sluice/resource';
import { readLogSettings } from '@sluice/store';
import { EXIT, type ExitStatus } from './exit.ts';
import { wrongUsage } from './failure.ts';
import { readFiles } from './files.ts';
import { print, printJson } from './output.ts';
import { type Published, publishOnce } from './publish-once.ts';
import { type ChangeOptions, signerOf } from './submit.ts';

export interface WatchOptions extends ChangeOptions {
  readonly set?: string;
}

/** A save of many files, or of one in parts, is over when nothing has changed for so long. */
const SETTLE_MS = 300;

/** The kernel tells of changes; should it miss one (a network file system), it is found after this long. */
const LOOK_MS = 2_000;

/** First and longest pause before a publish that nobody could decide is tried again. */
const MIN_RETRY_MS = 500;
const MAX_RETRY_MS = 10_000;

export async function watch(paths: readonly string[], options: WatchOptions): Promise<ExitStatus> {
  const wrong = misuse(paths, options);
  if (wrong !== undefined) return wrongUsage(wrong, options);
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort());
  const changes = new Changes(paths, ending.signal);
  let done = '';
  while (!ending.signal.aborted) {
    const content = await changes.settled();
    if (content !== null && content.fingerprint !== done) {
      const isDecided = await publishUntilDecided(content, options, ending.signal, changes);
      if (isDecided) done = content.fingerprint;
    }
    await changes.next();
  }
  return EXIT.done;
}

/** Why this cannot be watched; undefined where it can. What would be passed over without a word is refused. */
function misuse(paths: readonly string[], options: WatchOptions): string | undefined {
  if (!options.set) {
    return '--watch needs --set: the set is what the folder holds, and what it no longer holds is deleted from it';
  }
  if (paths.length === 0) return '--watch takes at least one file or folder';
  if (paths.includes('-')) return '--watch takes files and folders, not standard input, which ends';
  if (options.dryRun === true) return '--watch publishes: try the folder with --dry-run alone first';
  if (options.wait !== undefined)
    return '--watch goes on with the next change and waits for no acceptor: leave --wait out';
  if (options.expectVersion !== undefined) {
    return '--watch makes many versions, of which --expect-version would let the first one through: leave it out';
  }
  const { complaints } = readLogSettings(process.env);
  if (complaints.length > 0) return complaints.join('; ');
  const signer = signerOf(options);
  if (typeof signer === 'string') return signer;
  const first = readFiles(paths);
  return !first.ok && first.reason === 'missing' ? first.message : undefined;
}

/** What the folders hold; `problem` where they cannot be read, or hold nothing. */
interface Content {
  readonly fingerprint: string;
  readonly files: readonly SourceFile[];
  readonly problem: string | null;
}

function readContent(paths: readonly string[]): Content {
  const read = readFiles(paths);
  // An empty or vanished folder is a mistake or a checkout under way, and no wish to delete every route.
  if (!read.ok) return { fingerprint: `problem ${read.message}`, files: [], problem: read.message };
  const hash = createHash('sha256');
  for (const { path, text } of read.files) hash.update(`${path}\0${text}\0`);
  return { fingerprint: hash.digest('hex'), files: read.files, problem: null };
}

/**
 * False where it came to no decision. A rejection is one; a store that is away, or a config service that is not there, is none: it is asked again,
 * until there is something else to ask.
 */
async function publishUntilDecided(
  content: Content,
  options: WatchOptions,
  signal: AbortSignal,
  changes: Changes,
): Promise<boolean> {
  if (content.problem !== null) {
    say(options, { outcome: 'skipped', message: content.problem });
    return true;
  }
  // One id for all tries: a try whose answer was lost makes no second version. Another one once it was answered: the answer
  // to a submission is kept, and would be given again when what was in the way is long gone.
  let submission = randomUUID();
  let told = '';
  for (let pauseMs = MIN_RETRY_MS; !signal.aborted; pauseMs = Math.min(pauseMs * 2, MAX_RETRY_MS)) {
    const published = await publishOnce(content.files, { ...options, submission });
    const { outcome } = published;
    const isDecided = outcome !== 'undecided' && outcome !== 'in-the-way';
    if (published.message !== told || isDecided) say(options, published);
    if (isDecided) return true;
    if (outcome === 'in-the-way') submission = randomUUID();
    told = published.message;
    await delay(pauseMs, undefined, { signal }).catch(() => {});
    if (changes.differFrom(content.fingerprint)) return false;
  }
  return false;
}

function say(
  options: WatchOptions,
  event: Published | { readonly outcome: 'skipped'; readonly message: string },
): void {
  const { message } = event;
  const outcome = event.outcome === 'in-the-way' ? 'undecided' : event.outcome;
  const lines = 'lines' in event ? event.lines : [];
  const issues = 'issues' in event ? event.issues : [];
  const version = 'version' in event ? event.version : null;
  if (options.json === true) {
    printJson({ time: new Date().toISOString(), set: options.set, outcome, version, message, issues });
    return;
  }
  for (const line of lines) print(line);
  print(`${new Date().toISOString()} ${options.set}: ${outcome}${message === '' ? '' : `: ${message}`}`);
}

/** Tells when the files are others than before, and waits until a save is over. */
class Changes {
  readonly #paths: readonly string[];
  readonly #signal: AbortSignal;
  #isChanged = false;
  #wake = () => {};

  constructor(paths: readonly string[], signal: AbortSignal) {
    this.#paths = paths;
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#wake(), { once: true });
    for (const path of paths) {
      try {
        const watcher = watchFiles(path, { recursive: true, signal }, () => {
          this.#isChanged = true;
          this.#wake();
        });
        watcher.on('error', () => watcher.close());
      } catch {
        // Found by looking instead.
      }
    }
  }

  /** The content once it has been the same for a while; null when interrupted. */
  async settled(): Promise<Content | null> {
    for (let before = readContent(this.#paths); ; ) {
      await delay(SETTLE_MS, undefined, { signal: this.#signal }).catch(() => {});
      if (this.#signal.aborted) return null;
      const now = readContent(this.#paths);
      if (now.fingerprint === before.fingerprint) return now;
      before = now;
    }
  }

  differFrom(fingerprint: string): boolean {
    return readContent(this.#paths).fingerprint !== fingerprint;
  }

  /** The kernel's word, or a while. */
  async next(): Promise<void> {
    const isChanged = this.#isChanged;
    this.#isChanged = false;
    if (isChanged || this.#signal.aborted) return;
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    const looking = new AbortController();
    const late = delay(LOOK_MS, undefined, { signal: looking.signal }).catch(() => {});
    await Promise.race([woken, late]);
    looking.abort();
  }
}
