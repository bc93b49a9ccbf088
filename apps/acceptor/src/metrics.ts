// `/metrics`: what the shared counters say at the moment of the scrape. Nothing is counted here.
import { outcomeNames } from '@sluice/session';
import { Counter, Gauge, Registry } from 'prom-client';
import type { AcceptorState } from './acceptor-state.ts';
import { counterIndex, outcomeIndex } from './counters.ts';
import { collectProcessMetrics } from './process-metrics.ts';

/** A registry whose values are read when asked for. Names in docs/metrics.md. */
export function metricsOf(state: AcceptorState): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ acceptor: state.id });
  collectProcessMetrics(registry, state.lag);
  const { counters } = state.pool;

  const total = (name: string, help: string, read: () => number) =>
    new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });

  total('sluice_sessions_opened_total', 'connections taken', () => counters.total(counterIndex.opened));
  total('sluice_received_bytes_total', 'bytes received from clients', () => counters.total(counterIndex.bytesReceived));
  total('sluice_sent_bytes_total', 'bytes sent to clients', () => counters.total(counterIndex.bytesSent));
  total('sluice_connect_failures_total', 'connects to endpoints that failed, retried ones included', () =>
    counters.total(counterIndex.connectFailures),
  );
  total('sluice_tls_handshakes_total', 'TLS handshakes with clients that were ended here and succeeded', () =>
    counters.total(counterIndex.secured),
  );
  total('sluice_worker_deaths_total', 'worker threads that died and were replaced', () => state.workerDeaths);
  total('sluice_versions_refused_total', 'versions answered with a NACK', () => state.refusals);
  gauge('sluice_version', 'version in force; 0 = none yet', () => state.edge.inForce?.version ?? 0);
  gauge('sluice_listeners', 'listeners open', () => state.edge.listeners().length);
  gauge('sluice_store_connected', '1 while the log of versions is followed, else 0', () => (state.storeAway ? 0 : 1));

  new Gauge({
    name: 'sluice_sessions_active',
    help: 'sessions at this moment',
    labelNames: ['worker'],
    registers: [registry],
    collect() {
      for (const { id, sessions } of state.pool.workers()) this.set({ worker: id }, sessions);
    },
  });
  new Gauge({
    name: 'sluice_config_dropped',
    help: 'parts of resources that the version in force leaves out or follows otherwise than written, by issue code',
    labelNames: ['code'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [code, count] of Object.entries(state.dropped)) this.set({ code }, count);
    },
  });
  new Counter({
    name: 'sluice_config_drops_total',
    help: 'parts of resources that came to be dropped with a version, by issue code',
    labelNames: ['code'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [code, count] of state.drops) this.inc({ code }, count);
    },
  });
  new Counter({
    name: 'sluice_sessions_closed_total',
    help: 'sessions that ended, by reason',
    labelNames: ['reason'],
    registers: [registry],
    collect() {
      this.reset();
      for (const reason of outcomeNames) this.inc({ reason }, counters.total(outcomeIndex[reason]));
    },
  });
  return registry;
}
