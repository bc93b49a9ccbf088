// The last committed state on disk, kept up to date by what changed: a state file (state-file.ts), and beside it a journal
// of the entries since then. So a commit writes its change and not the state. What is read back is checked entry by entry
// by its digest, as what comes from the log is.
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { applyEntry, decodeEntry, type Entry, type State } from '@sluice/version';
import { type ReadStateFile, readStateFile, writeStateFile } from './state-file.ts';

/** A journal longer than this is folded into the state file; somewhat longer at random, so that many do not do it at once. */
const FOLD_BYTES = 4 * 1024 * 1024;

/** Entries that were followed and not committed yet, or passed over; with more, the state is written as a whole. */
const MAX_PENDING = 1_000;

/** What a crash of the machine, not of the process, may take: the journal is synced so long after a commit. */
const SYNC_MS = 1_000;

/** A state that can be come back to: how long the journal was with it. */
interface Mark {
  readonly version: number;
  readonly digest: string;
  readonly bytes: number;
}

export type LoadedState = ReadStateFile & {
  /** Why the rest of the journal was left; a line that a crash cut off is left without a word. */
  readonly left?: string;
};

/** What is kept at `path` and in its journal. Only reads, so it may be that of an acceptor that runs. */
export async function readKeptState(path: string): Promise<LoadedState> {
  return (await readKept(path)).loaded;
}

export class StateJournal {
  readonly #path: string;
  readonly #foldBytes = FOLD_BYTES * (1 + Math.random());
  #file: FileHandle | null = null;
  #marks: Mark[] = [];
  #pending: Entry[] = [];
  #syncing: NodeJS.Timeout | null = null;

  /** `path` of the state file; the journal is `path.journal`. */
  constructor(path: string) {
    this.#path = path;
  }

  /** The state that was kept last. */
  async load(): Promise<LoadedState> {
    const { loaded, marks } = await readKept(this.#path);
    if (!loaded.ok) return loaded;
    this.#marks = marks;
    try {
      await (await this.#open()).truncate(this.#bytes);
    } catch {
      // It can be read and not written: what is kept next tells why, and is written as a whole.
      this.#marks = [];
    }
    return loaded;
  }

  /** To be told every entry that is followed, committed or not. */
  followed(entry: Entry): void {
    if (this.#pending.at(-1)?.version !== entry.version - 1) this.#pending = [];
    this.#pending.push(entry);
    if (this.#pending.length > MAX_PENDING) this.#pending.shift();
  }

  /**
   * Keeps a state; one call at a time. Rejects with the system's error (no space, no permission). `shared`: the journal is not
   * as it was left, so another process writes it too; the state is kept, as a whole.
   */
  async keep(state: State): Promise<'kept' | 'shared'> {
    const known = this.#marks.findIndex(({ version, digest }) => version === state.version && digest === state.digest);
    if (known >= 0 && known === this.#marks.length - 1) return 'kept';
    if (this.#marks.length > 0 && (await this.#isChanged())) {
      await this.#writeWhole(state);
      return 'shared';
    }
    const entries = this.#entriesTo(state);
    if (known >= 0) await this.#goBack(known);
    else if (entries === undefined || this.#bytes > this.#foldBytes) await this.#writeWhole(state);
    else await this.#append(entries, state);
    return 'kept';
  }

  async close(): Promise<void> {
    if (this.#syncing !== null) clearTimeout(this.#syncing);
    await this.#sync();
    await this.#file?.close();
    this.#file = null;
  }

  get #journal(): string {
    return journalOf(this.#path);
  }

  get #bytes(): number {
    return this.#marks.at(-1)?.bytes ?? 0;
  }

  /** The entries that lead from what is kept to the state; undefined where not all of them were followed. */
  #entriesTo({ version, digest }: State): readonly Entry[] | undefined {
    const last = this.#marks.at(-1);
    if (last === undefined) return undefined;
    const entries = this.#pending.filter((entry) => entry.version > last.version && entry.version <= version);
    const leads =
      entries.length === version - last.version &&
      entries[0]?.previous === last.digest &&
      entries.at(-1)?.digest === digest;
    return leads ? entries : undefined;
  }

  /** A process that has the same path appends what this one does, and cuts off what it has folded. */
  async #isChanged(): Promise<boolean> {
    const { size } = await (await this.#open()).stat();
    return size !== this.#bytes;
  }

  async #append(entries: readonly Entry[], state: State): Promise<void> {
    const text = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    const file = await this.#open();
    const bytes = this.#bytes;
    try {
      await writeAll(file, Buffer.from(text), bytes);
    } catch (cause) {
      // A half line would hide what is written behind it. Where it stays, the state is written as a whole next.
      await file.truncate(bytes).catch(() => (this.#marks = []));
      throw cause;
    }
    this.#marks.push(markOf(state, bytes + Buffer.byteLength(text)));
    this.#pending = this.#pending.filter(({ version }) => version > state.version);
    this.#syncing ??= setTimeout(() => void this.#sync(), SYNC_MS).unref();
  }

  async #goBack(mark: number): Promise<void> {
    const file = await this.#open();
    await file.truncate(this.#marks[mark]!.bytes);
    this.#marks.length = mark + 1;
    await file.datasync();
  }

  /** The file first: entries that it holds already are passed over when both are read. */
  async #writeWhole(state: State): Promise<void> {
    this.#marks = [];
    await writeStateFile(this.#path, state);
    const file = await this.#open();
    await file.truncate(0);
    this.#marks = [markOf(state, 0)];
  }

  async #open(): Promise<FileHandle> {
    this.#file ??= await open(this.#journal, 'r+').catch(() => open(this.#journal, 'w+', 0o600));
    return this.#file;
  }

  async #sync(): Promise<void> {
    this.#syncing = null;
    await this.#file?.datasync().catch(() => {});
  }
}

/** A disk that is nearly full takes a part of a write and says so by its length alone. */
async function writeAll(file: FileHandle, content: Buffer, at: number): Promise<void> {
  for (let done = 0; done < content.length; ) {
    done += (await file.write(content, done, content.length - done, at + done)).bytesWritten;
  }
}

/** The state, and every one on the way that can be come back to. */
async function readKept(path: string): Promise<{ readonly loaded: LoadedState; readonly marks: Mark[] }> {
  const read = await readStateFile(path);
  if (!read.ok) return { loaded: read, marks: [] };
  let { state } = read;
  let bytes = 0;
  let left: string | undefined;
  const marks = [markOf(state, 0)];
  const lines = (await readOrNone(journalOf(path))).split('\n');
  for (const line of lines.slice(0, -1)) {
    const next = takeLine(state, line);
    if (typeof next === 'string') {
      left = next;
      break;
    }
    bytes += Buffer.byteLength(line) + 1;
    if (next !== state) marks.push(markOf(next, bytes));
    state = next;
  }
  return { loaded: { ok: true, state, ...(left === undefined ? {} : { left }) }, marks };
}

function journalOf(path: string): string {
  return `${path}.journal`;
}

function markOf({ version, digest }: State, bytes: number): Mark {
  return { version, digest, bytes };
}

async function readOrNone(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return '';
  }
}

/** The state after a line, the same where the state has it already; a text says why there is none. */
function takeLine(state: State, line: string): State | string {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return 'a line of the journal is not JSON';
  }
  const decoded = decodeEntry(json);
  if (!decoded.ok) return decoded.message;
  if (decoded.value.version <= state.version) return state;
  const applied = applyEntry(state, decoded.value);
  return applied.ok ? applied.state : applied.message;
}
