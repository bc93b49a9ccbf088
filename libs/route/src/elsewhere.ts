// Gateways that have a port and are not the acceptor's that was asked about: the usual reason why nothing listens on it.
import type { Resource } from '@sluice/resource';
import { type Labels, selects, tellLabels } from './label.ts';

/** A message names so many gateways. */
const MAX_NAMED = 5;

/** One sentence for each Gateway with a server on the port whose selector does not fit the labels, in order of name. */
export function gatewaysElsewhere(resources: Iterable<Resource>, labels: Labels, port: number): readonly string[] {
  const found: string[] = [];
  for (const resource of resources) {
    if (resource.kind !== 'Gateway' || selects(resource.spec.selector, labels)) continue;
    if (!resource.spec.servers.some((server) => server.port.number === port)) continue;
    const { namespace, name } = resource.metadata;
    found.push(
      `gateway ${namespace}/${name} has port ${port} for acceptors with ${tellLabels(resource.spec.selector)}, not for ${tellLabels(labels) || 'those without labels'}`,
    );
  }
  return found.sort().slice(0, MAX_NAMED);
}
