// The acceptor's admin endpoint. It tells and, on POST, drains or ends sessions; routes are changed through the log only.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer, type ServerType } from '@hono/node-server';
import { decodeTable, tableBytes } from '@sluice/route-table';
import { Hono } from 'hono';
import type { AcceptorState } from './acceptor-state.ts';
import type { SessionSelector } from './messages.ts';
import { metricsOf } from './metrics.ts';
import { viewTls } from './tls-view.ts';

export interface AdminOptions {
  readonly state: AcceptorState;
  /** Begins the drain; the process ends after it. */
  readonly drain: () => void;
  /** Test hooks are offered. */
  readonly faults: boolean;
}

const textFields = ['listener', 'route', 'cluster', 'endpoint'] as const;

export function adminApp({ state, drain, faults }: AdminOptions): Hono {
  const app = new Hono();
  const registry = metricsOf(state);

  app.get('/healthz', (c) => c.text('ok\n'));
  app.get('/readyz', (c) => {
    const { id, version, state: phase, error } = state.report();
    const stale = state.storeAway === null ? {} : { storeAway: state.storeAway.reason };
    return c.json({ ready: state.isReady(), id, version, state: phase, error, ...stale }, state.isReady() ? 200 : 503);
  });
  app.get('/version', (c) => c.json(state.report()));
  app.get('/metrics', async (c) => c.body(await registry.metrics(), 200, { 'content-type': registry.contentType }));
  app.get('/config_dump', (c) => {
    const compiled = state.edge.inForce;
    if (compiled === null) return c.json({ error: 'no version is in force yet' }, 503);
    const { version, digest, table, tls } = compiled;
    return c.json({ version, digest, tableBytes: tableBytes(table), ...decodeTable(table), tls: viewTls(tls) });
  });
  app.get('/sessions', async (c) => c.json({ sessions: await state.pool.sessions() }));
  app.delete('/sessions', async (c) => {
    const select = selectorOf(c.req.query());
    if (typeof select === 'string') return c.json({ error: select }, 400);
    const how = c.req.query('how') === 'reset' ? 'reset' : 'close';
    return c.json({ ended: await state.pool.end(select, how) });
  });
  app.post('/drain', (c) => {
    drain();
    return c.json({ draining: true, sessions: state.pool.activeSessions() }, 202);
  });
  if (faults) {
    app.post('/faults/throw', (c) => {
      const worker = Number(c.req.query('worker') ?? 0);
      return state.pool.throwIn(worker) ? c.json({ thrown: worker }) : c.json({ error: `no worker ${worker}` }, 404);
    });
  }
  app.notFound((c) => c.json({ error: `no such path: ${c.req.method} ${c.req.path}` }, 404));
  return app;
}

/** Sessions must be named by something: ending all of them is what `/drain` is for. */
function selectorOf(query: Readonly<Record<string, string>>): SessionSelector | string {
  const select: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(query)) {
    if (name === 'how') continue;
    if ((textFields as readonly string[]).includes(name)) select[name] = value;
    else if (name === 'version' && /^\d+$/.test(value)) select.version = Number(value);
    else return `cannot select sessions by ${name}=${value}; use ${textFields.join(', ')} or version`;
  }
  return Object.keys(select).length === 0
    ? 'say which sessions: listener, route, cluster, endpoint or version'
    : select;
}

export interface AdminServer {
  readonly address: string;
  readonly port: number;
  close(): void;
}

/** Rejects where the address cannot be listened on. */
export async function serveAdmin(options: AdminOptions, host: string, port: number): Promise<AdminServer> {
  const server: ServerType = createAdaptorServer({ fetch: adminApp(options).fetch });
  server.listen(port, host);
  await once(server, 'listening');
  const bound = server.address() as AddressInfo;
  return {
    address: bound.address,
    port: bound.port,
    close() {
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
    },
  };
}
