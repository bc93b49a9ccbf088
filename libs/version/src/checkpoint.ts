// A whole state as lines of JSON, and back. In pieces both ways, so that whoever writes or reads one can pause in between.
import { decodeResource, keyOf, type ResourceKey } from '@sluice/resource';
import type { Rollout } from './rollout.ts';
import { isChosenList, isTally } from './rollout-form.ts';
import { isRolloutPlan } from './rollout-plan.ts';
import { type Holding, holdingOf, holdingsOf, type State, stateFrom } from './state.ts';

/** The form of the lines; a reader refuses another. */
const FORMAT = 1;

type Kept = Omit<Holding, 'key' | 'digest'>;

/** The first line. */
interface Header extends Pick<State, 'version' | 'digest' | 'size' | 'last' | 'submissions' | 'attestation'> {
  readonly format: number;
  /** The roll-out that runs; of the state before it the lines that differ follow at the end. */
  readonly rollout: (Omit<Rollout, 'before'> & { readonly before: Omit<Header, 'format' | 'rollout'> }) | null;
}

/**
 * The lines of a state, each ending in a line feed: a header, then one resource a line, in an order that the state alone
 * decides. Bucket by bucket: to sort all of a large state at once would take longer than anybody may pause.
 */
export function* checkpointLines(state: State): Generator<string> {
  for (const { lines } of checkpointParts(state)) yield* lines;
}

export interface CheckpointPart {
  /** What the lines are of: the same object has the same lines in every checkpoint. Undefined: they are of this state alone. */
  readonly of: object | undefined;
  readonly lines: Iterable<string>;
}

/** The same lines in parts, most of which a next state shares. */
export function* checkpointParts(state: State): Generator<CheckpointPart> {
  const { rollout } = state;
  const before = rollout === null ? null : { ...rollout, before: summaryOf(rollout.before) };
  const header: Header = { format: FORMAT, ...summaryOf(state), rollout: before };
  yield { of: undefined, lines: [`${JSON.stringify(header)}\n`] };
  for (const bucket of state.buckets) yield { of: bucket, lines: bucketLines(bucket) };
  if (rollout !== null) yield { of: undefined, lines: rolloutLines(state, rollout) };
}

function* bucketLines(bucket: State['buckets'][number]): Generator<string> {
  const holdings = [...bucket.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  for (const holding of holdings) yield `${JSON.stringify(keptOf(holding))}\n`;
}

/** What the state before the roll-out has otherwise. */
function* rolloutLines(state: State, rollout: Rollout): Generator<string> {
  for (const holding of holdingsOf(rollout.before)) {
    const now = holdingOf(state, holding.key);
    if (now === holding) continue;
    yield `${JSON.stringify({ before: keptOf(holding) })}\n`;
  }
  for (const { key } of holdingsOf(state)) {
    if (holdingOf(rollout.before, key) === undefined) yield `${JSON.stringify({ absentBefore: key })}\n`;
  }
}

function summaryOf({
  version,
  digest,
  size,
  last,
  submissions,
  attestation,
}: State): Omit<Header, 'format' | 'rollout'> {
  return { version, digest, size, last, submissions, attestation };
}

function keptOf({ resource, creation, touched, author, set }: Holding): Kept {
  return { resource, creation, touched, author, set };
}

export type ReadCheckpoint =
  | { readonly ok: true; readonly state: State }
  | { readonly ok: false; readonly message: string };

/** Takes the lines of a checkpoint one by one; `end` gives the state if it is what its digest says. */
export class CheckpointReader {
  #header: Header | undefined;
  #fault: string | undefined;
  readonly #holdings: Kept[] = [];
  /** What the state before a roll-out has otherwise; null: not at all. */
  readonly #before = new Map<ResourceKey, Kept | null>();

  /** False once there is a fault: the rest need not be read. */
  line(text: string): boolean {
    if (this.#fault === undefined && text !== '') this.#fault = this.#take(text);
    return this.#fault === undefined;
  }

  end(): ReadCheckpoint {
    if (this.#fault !== undefined) return { ok: false, message: this.#fault };
    const header = this.#header;
    if (header === undefined) return { ok: false, message: 'it is empty' };
    const state = whole(this.#holdings, header);
    if (typeof state === 'string') return { ok: false, message: state };
    if (header.rollout === null) return { ok: true, state };
    const same = this.#holdings.filter(({ resource }) => !this.#before.has(keyOf(resource)));
    const others = [...this.#before.values()].filter((kept) => kept !== null);
    const before = whole([...same, ...others], header.rollout.before);
    if (typeof before === 'string') return { ok: false, message: `the state before its roll-out: ${before}` };
    return { ok: true, state: { ...state, rollout: { ...header.rollout, before } } };
  }

  #take(text: string): string | undefined {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      return 'a line is not JSON';
    }
    if (this.#header === undefined) {
      if (!isHeader(json)) return 'its header is not one of a checkpoint';
      this.#header = json;
      return undefined;
    }
    const { before, absentBefore } = (json ?? {}) as { before?: unknown; absentBefore?: unknown };
    if (typeof absentBefore === 'string') this.#before.set(absentBefore as ResourceKey, null);
    else {
      const kept = readKept(before ?? json);
      if (typeof kept === 'string') return kept;
      if (before === undefined) this.#holdings.push(kept);
      else this.#before.set(keyOf(kept.resource), kept);
    }
    return undefined;
  }
}

/** A text says what is wrong. */
function readKept(json: unknown): Kept | string {
  const holding = json as Holding | null;
  if (typeof holding !== 'object' || holding === null || !isOrigin(holding))
    return 'a line is not a resource with its origin';
  const decoded = decodeResource(holding.resource);
  if (!decoded.ok) return `a resource cannot be read: ${decoded.complaints[0]?.message ?? 'no reason'}`;
  const { creation, touched, author, set } = holding;
  return { resource: decoded.value, creation, touched, author, set };
}

/** The state that is made of the holdings, or how it is not what it says. */
function whole(holdings: readonly Kept[], header: Omit<Header, 'format' | 'rollout'>): State | string {
  const { version, last, submissions, attestation, digest, size } = header;
  const state = stateFrom(holdings, { version, last, submissions, attestation });
  if (state.digest === digest && state.size === size) return state;
  return `its digest is not ${digest.slice(0, 12)} as it says: it was damaged or altered`;
}

/** Reads a checkpoint that is in memory as a whole. */
export function readCheckpoint(text: string): ReadCheckpoint {
  const reader = new CheckpointReader();
  for (const line of text.split('\n')) if (!reader.line(line)) break;
  return reader.end();
}

function isHeader(json: unknown): json is Header {
  const { format, rollout } = (json ?? {}) as Partial<Header>;
  return format === FORMAT && isSummary(json) && (rollout === null || isRollout(rollout));
}

function isRollout(json: unknown): json is NonNullable<Header['rollout']> {
  const { of, stage, chosen, reference, sinceMs, before } = (json ?? {}) as Partial<NonNullable<Header['rollout']>>;
  return (
    isRolloutPlan(json) &&
    isChosenList(chosen) &&
    [of, stage, sinceMs].every(Number.isSafeInteger) &&
    stage! >= 0 &&
    stage! < json.stages.length &&
    (reference === null || isTally(reference)) &&
    isSummary(before)
  );
}

function isSummary(json: unknown): json is Omit<Header, 'format' | 'rollout'> {
  if (typeof json !== 'object' || json === null) return false;
  const { version, digest, size, last, submissions, attestation } = json as Partial<Header>;
  return (
    Number.isSafeInteger(version) &&
    Number.isSafeInteger(size) &&
    typeof digest === 'string' &&
    typeof last === 'object' &&
    typeof attestation === 'object' &&
    Array.isArray(submissions)
  );
}

function isOrigin({ creation, touched, author, set }: Holding): boolean {
  return (
    Number.isSafeInteger(creation) &&
    Number.isSafeInteger(touched) &&
    typeof author === 'string' &&
    typeof set === 'string'
  );
}
