// The servers of an acceptor that end TLS, with what they end it with; and what there is to say of them.
import { keyOf, type ResourceKey, type Secret } from '@sluice/resource';
import type { ReportAt } from './clusters.ts';
import { endsTls, type Server } from './model.ts';
import type { Setting } from './options.ts';
import { compareText } from './order.ts';
import type { MergedPort } from './port-merge.ts';
import { type FindSecret, planTls, type TlsPlan, tlsNameOf } from './tls-plan.ts';

/** A credential is a Secret in the namespace of the acceptor, not of the Gateway, unless it is one of the Gateway API. */
export function secretKey(setting: Setting, name: string, namespace = setting.namespace): ResourceKey {
  return keyOf({ kind: 'Secret', metadata: { namespace, name, labels: {}, annotations: {} } });
}

export function findSecretIn(secrets: readonly Secret[], setting: Setting): FindSecret {
  const byKey = new Map(secrets.map((secret) => [keyOf(secret), secret]));
  return (name, namespace) => byKey.get(secretKey(setting, name, namespace));
}

/** One for each of the servers that end TLS, in order of name; a listener with several addresses is one. */
export function planTlsOf(servers: Iterable<Server>, find: FindSecret): readonly TlsPlan[] {
  const byName = new Map<string, TlsPlan>();
  for (const server of servers)
    if (endsTls(server) && !byName.has(tlsNameOf(server))) byName.set(tlsNameOf(server), planTls(server, find));
  return [...byName.values()].sort((a, b) => compareText(a.name, b.name));
}

/** Complains of servers that will refuse every handshake (SLU3034), whether or not a route leads through them. */
export function complainOfTls(ports: readonly MergedPort[], find: FindSecret, report: ReportAt): void {
  for (const { servers } of ports) {
    for (const server of servers.filter(endsTls)) {
      const { refusal } = planTls(server, find);
      if (refusal === '') continue;
      const where = `port ${server.port} of gateway ${server.gateway.id}`;
      report('SLU3034', server.gateway.key, `${server.path}.tls`, `${where} refuses every TLS handshake: ${refusal}`);
    }
  }
}
