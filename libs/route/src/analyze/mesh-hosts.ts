// IST0109: VirtualServices of the mesh that claim the same host. Sluice serves no mesh, but the set may come from one.
import { keyOf, resolveHost, type VirtualService } from '@sluice/resource';
import { visibilityOf } from '../visibility.ts';
import type { Subject } from './subject.ts';

export function analyzeMeshHosts({ byKind, report }: Subject): void {
  const byHost = new Map<string, VirtualService[]>();
  for (const service of byKind.VirtualService) {
    const { gateways, hosts, exportTo } = service.spec;
    if (gateways !== undefined && gateways.length > 0 && !gateways.includes('mesh')) continue;
    for (const scope of visibilityOf(exportTo, service.metadata.namespace)) {
      for (const host of new Set((hosts ?? []).map((name) => resolveHost(name, service.metadata.namespace)))) {
        const key = `${scope}/${host}`;
        if (byHost.has(key)) byHost.get(key)!.push(service);
        else byHost.set(key, [service]);
      }
    }
  }
  for (const [host, services] of byHost) {
    if (services.length < 2) continue;
    const names = services.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort();
    const shown = names.slice(0, SHOWN_SERVICES).join(',') + (names.length > SHOWN_SERVICES ? ',...' : '');
    for (const service of services)
      report(
        'SLU0109',
        keyOf(service),
        'spec.hosts',
        `The VirtualServices ${shown} associated with mesh gateway define the same host ${host} which can lead to undefined behavior. This can be fixed by merging the conflicting VirtualServices into a single resource.`,
      );
  }
}

/** Keeps the messages about many claimants of one host from growing with their square. */
const SHOWN_SERVICES = 5;
