// IST0101 and IST0132: VirtualServices bound to Gateways that are not there, or that do not serve their hosts.
import {
  type Gateway,
  keyOf,
  parseScopedHost,
  resolveGateway,
  resolveHost,
  type VirtualService,
} from '@sluice/resource';
import { addScopedHost, firstScopedHost, type ScopedHosts } from '../host-index.ts';
import type { Subject } from './subject.ts';

export function analyzeGatewayReferences({ byKind, report }: Subject): void {
  const gateways = new Map<string, ScopedHosts>();
  for (const gateway of byKind.Gateway)
    gateways.set(`${gateway.metadata.namespace}/${gateway.metadata.name}`, gatewayHosts(gateway));
  for (const service of byKind.VirtualService) {
    const { namespace, name } = service.metadata;
    (service.spec.gateways ?? []).forEach((written, index) => {
      if (written === 'mesh') return;
      const id = resolveGateway(written, namespace);
      const hosts = gateways.get(id);
      const path = `spec.gateways[${index}]`;
      if (hosts === undefined) report('SLU0101', keyOf(service), path, `Referenced gateway not found: "${written}"`);
      if (hosts === undefined || !serves(hosts, service))
        report(
          'SLU0132',
          keyOf(service),
          path,
          `one or more host [${(service.spec.hosts ?? []).join(' ')}] defined in VirtualService ${namespace}/${name} not found in Gateway ${id}.`,
        );
    });
  }
}

function gatewayHosts(gateway: Gateway): ScopedHosts {
  const hosts: ScopedHosts = new Map();
  for (const server of gateway.spec.servers) {
    for (const written of server.hosts) {
      const { namespace, host } = parseScopedHost(written, gateway.metadata.namespace);
      addScopedHost(hosts, namespace, host, 0);
    }
  }
  return hosts;
}

function serves(hosts: ScopedHosts, { metadata, spec }: VirtualService): boolean {
  return ['*', metadata.namespace].some((scope) =>
    (spec.hosts ?? []).some((host) => firstScopedHost(hosts, scope, resolveHost(host, metadata.namespace)) >= 0),
  );
}
