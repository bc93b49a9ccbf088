// How ends come to the engine that ends TLS: engines that do so are their own, ends of others move over. Pure wiring.
import type { End, TlsEngine, WorkerEngine } from './seam.ts';

/** The worker itself where it ends TLS; else one opened for it in the same thread. */
export function tlsEngineFor(worker: WorkerEngine, open: () => TlsEngine): TlsEngine {
  return 'secure' in worker ? (worker as TlsEngine) : open();
}

/** The end as one of the TLS engine's. From here it is that engine's alone. */
export function movedTo(tls: TlsEngine, worker: WorkerEngine, end: End): End {
  return tls === worker ? end : tls.adopt(worker.detach(end));
}
