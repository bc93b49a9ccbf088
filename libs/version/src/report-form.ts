// Reads an acceptor's report back from stored JSON. Every acceptor writes its own, of its own release: what one of them says
// in another form, or does not say, must not keep anybody from reading the others, and does not hide that it is there.
import type { AcceptorPhase, AcceptorReport, ReportedWorker, VersionFigures } from './acceptor-report.ts';
import { MAX_NAME_LENGTH } from './limits.ts';

const PHASES: ReadonlySet<unknown> = new Set<AcceptorPhase>(['starting', 'serving', 'stale', 'draining', 'stopped']);

const FIGURES = ['version', 'open', 'connections', 'connectFailures', 'noRoute', 'earlyResets'] as const;

/** Undefined where it does not even say who has which version; any other field that is not of its form counts as not said. */
export function readReport(json: unknown): AcceptorReport | undefined {
  const said = recordOf(json);
  const { id, version, workers } = said;
  if (typeof id !== 'string' || id === '' || id.length > MAX_NAME_LENGTH) return undefined;
  if (!isCount(version) || !Array.isArray(workers)) return undefined;
  return {
    ...{ id, version, workers: workers.map(readWorker) },
    digest: textOr('', said.digest),
    inForceMs: countOr(0, said.inForceMs),
    // Of a phase that is not known here no more is believed than that it is there.
    state: PHASES.has(said.state) ? (said.state as AcceptorPhase) : 'starting',
    labels: Object.fromEntries(Object.entries(recordOf(said.labels)).filter(isLabel)),
    engine: textOr('', said.engine),
    error: textOr(null, said.error),
    refused: countOr(null, said.refused),
    quarantined: listOf(said.quarantined).filter(isCount),
    listeners: listOf(said.listeners).filter(isListener),
    idle: listOf(said.idle).filter(isIdle),
    figures: listOf(said.figures).filter(isFigures),
    commitMs: listOf(said.commitMs).filter(isCount),
    startedMs: countOr(0, said.startedMs),
    timeMs: countOr(0, said.timeMs),
  };
}

/** One that cannot be read is still one of its workers, of which nothing is known. */
function readWorker(json: unknown, at: number): ReportedWorker {
  const { id, version, sessions } = recordOf(json);
  return { id: countOr(at, id), version: countOr(0, version), sessions: countOr(0, sessions) };
}

function isLabel(entry: [string, unknown]): entry is [string, string] {
  return typeof entry[1] === 'string';
}

function isListener(json: unknown): json is AcceptorReport['listeners'][number] {
  const { name, address } = recordOf(json);
  return typeof name === 'string' && typeof address === 'string';
}

function isIdle(json: unknown): json is AcceptorReport['idle'][number] {
  const { gateway, port, code, reason } = recordOf(json);
  return isCount(port) && [gateway, code, reason].every((text) => typeof text === 'string');
}

function isFigures(json: unknown): json is VersionFigures {
  const said = recordOf(json);
  return FIGURES.every((name) => isCount(said[name]));
}

function recordOf(json: unknown): Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Record<string, unknown>) : {};
}

function listOf(json: unknown): readonly unknown[] {
  return Array.isArray(json) ? json : [];
}

function isCount(json: unknown): json is number {
  return Number.isSafeInteger(json) && (json as number) >= 0;
}

function countOr<T>(otherwise: T, json: unknown): number | T {
  return isCount(json) ? json : otherwise;
}

function textOr<T>(otherwise: T, json: unknown): string | T {
  return typeof json === 'string' ? json : otherwise;
}
