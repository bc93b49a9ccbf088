// A whole state as lines of JSON, and back. In pieces both ways, so that whoever writes or reads one can pause in between.
import { decodeResource } from '@sluice/resource';
import { type Holding, holdingsOf, type State, stateFrom } from './state.ts';

/** The form of the lines; a reader refuses another. */
const FORMAT = 1;

/** The first line. */
interface Header extends Pick<State, 'version' | 'digest' | 'size' | 'last' | 'submissions' | 'attestation'> {
  readonly format: number;
}

/** The lines of a state, each ending in a line feed: a header, then one resource a line in order of key. */
export function* checkpointLines(state: State): Generator<string> {
  const { version, digest, size, last, submissions, attestation } = state;
  const header: Header = { format: FORMAT, version, digest, size, last, submissions, attestation };
  yield `${JSON.stringify(header)}\n`;
  const holdings = [...holdingsOf(state)].sort((a, b) => (a.key < b.key ? -1 : 1));
  for (const { resource, creation, touched, author, set } of holdings) {
    yield `${JSON.stringify({ resource, creation, touched, author, set })}\n`;
  }
}

export type ReadCheckpoint =
  | { readonly ok: true; readonly state: State }
  | { readonly ok: false; readonly message: string };

/** Takes the lines of a checkpoint one by one; `end` gives the state if it is what its digest says. */
export class CheckpointReader {
  #header: Header | undefined;
  #fault: string | undefined;
  readonly #holdings: Omit<Holding, 'key' | 'digest'>[] = [];

  /** False once there is a fault: the rest need not be read. */
  line(text: string): boolean {
    if (this.#fault === undefined && text !== '') this.#fault = this.#take(text);
    return this.#fault === undefined;
  }

  end(): ReadCheckpoint {
    if (this.#fault !== undefined) return { ok: false, message: this.#fault };
    const header = this.#header;
    if (header === undefined) return { ok: false, message: 'it is empty' };
    const state = stateFrom(this.#holdings, header);
    if (state.digest !== header.digest || state.size !== header.size) {
      return {
        ok: false,
        message: `its digest is not ${header.digest.slice(0, 12)} as it says: it was damaged or altered`,
      };
    }
    return { ok: true, state };
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
    const holding = json as Holding | null;
    if (typeof holding !== 'object' || holding === null || !isOrigin(holding))
      return 'a line is not a resource with its origin';
    const decoded = decodeResource(holding.resource);
    if (!decoded.ok) return `a resource cannot be read: ${decoded.complaints[0]?.message ?? 'no reason'}`;
    const { creation, touched, author, set } = holding;
    this.#holdings.push({ resource: decoded.value, creation, touched, author, set });
    return undefined;
  }
}

/** Reads a checkpoint that is in memory as a whole. */
export function readCheckpoint(text: string): ReadCheckpoint {
  const reader = new CheckpointReader();
  for (const line of text.split('\n')) if (!reader.line(line)) break;
  return reader.end();
}

function isHeader(json: unknown): json is Header {
  if (typeof json !== 'object' || json === null) return false;
  const { format, version, digest, size, last, submissions, attestation } = json as Partial<Header>;
  return (
    format === FORMAT &&
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
