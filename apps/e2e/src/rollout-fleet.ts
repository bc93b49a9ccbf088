// What the tests of roll-outs share: acceptors that serve the walk-through, the store they follow, and a version that some
// of them must refuse.
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { openStore, type Store } from '@sluice/store';
import type { EntryHead } from '@sluice/version';
import type { RunningAcceptor, System } from './system.ts';

/** Acceptors of one worker each, both echo servers, and the store; a config service must run. */
export async function startFleet(
  system: System,
  acceptors: number,
): Promise<{ fleet: RunningAcceptor[]; store: Store }> {
  const started = Array.from({ length: acceptors }, () => system.acceptor({ SLUICE_WORKERS: '1' }));
  const fleet = await Promise.all(started);
  await system.echo('v1');
  await system.echo('v2');
  await system.publish(system.walkThrough());
  const opened = await openStore(system.redis.url, { role: 'publisher' });
  if (!opened.ok) throw opened.fault;
  return { fleet, store: opened.value };
}

export async function newestEntry(store: Store): Promise<EntryHead | undefined> {
  const { version } = await store.log.head();
  return (await store.log.history(version + 1, 1))[0];
}

/** Takes a port of an acceptor's address, so that it cannot listen there. */
export async function blocker(port: number, address: string): Promise<Server> {
  const server = createServer();
  server.listen(port, address);
  await once(server, 'listening');
  return server;
}

/** A listener on that port. */
export function blockedGateway(port: number): string {
  return `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: blocked }
spec:
  selector: { istio: ingressgateway }
  servers:
  - port: { number: ${port}, name: tcp, protocol: TCP }
    hosts: ["*"]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: blocked }
spec:
  hosts: ["*"]
  gateways: [blocked]
  tcp:
  - route: [{ destination: { host: tcp-echo, subset: v1, port: { number: 3333 } } }]
`;
}
