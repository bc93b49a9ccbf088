// Which engine serves: chosen once at start, and opened by name in each thread.
import {
  type EngineError,
  type EngineKind,
  type EngineName,
  type TlsEngine,
  tlsEngineFor,
  type WorkerEngine,
  type WorkerEngineOptions,
} from '@sluice/engine';
import { linuxEngine } from '@sluice/engine-linux';
import { nodeEngine, openTls } from '@sluice/engine-node';

/** The fastest first; the last runs everywhere. */
const kinds: readonly EngineKind[] = [linuxEngine, nodeEngine];

export interface Chosen {
  readonly kind: EngineKind;
  /** Why a faster one does not serve; null where none was asked for or the choice is the first. */
  readonly fellBack: EngineError | null;
}

/** `auto` takes the first that this machine supports; a name takes it or, where it cannot run, falls back and says so. */
export function chooseEngine(asked: 'auto' | 'linux' | 'node'): Chosen {
  let fellBack: EngineError | null = null;
  for (const kind of kinds) {
    if (asked !== 'auto' && asked !== kind.name && kind !== nodeEngine) continue;
    const supported = kind.supported();
    if (supported.ok) return { kind, fellBack };
    fellBack = supported.error;
  }
  return { kind: nodeEngine, fellBack };
}

export function openEngine(name: EngineName, ticket: unknown, options: WorkerEngineOptions): WorkerEngine {
  const kind = kinds.find((each) => each.name === name);
  if (kind === undefined) throw new Error(`no engine is called ${name}`);
  return kind.openWorker(ticket, options);
}

/** What ends TLS in a worker: its engine itself, or Node's beside it. */
export function openTlsEngine(engine: WorkerEngine): TlsEngine {
  return tlsEngineFor(engine, openTls);
}
