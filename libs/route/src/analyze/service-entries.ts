// IST0134 and IST0177: ServiceEntries whose TCP ports have no address of their own, or that disagree about a port.
import { keyOf, type ServiceEntry } from '@sluice/resource';
import { compareText } from '../order.ts';
import { EVERYWHERE, visibilityOf } from '../visibility.ts';
import type { Subject } from './subject.ts';

export function analyzeServiceEntries(subject: Subject): void {
  reportWithoutAddress(subject);
  reportProtocols(subject);
}

/** Kubernetes keeps addresses that were given to a ServiceEntry in its status, which a manifest here does not have. */
function reportWithoutAddress({ byKind, report }: Subject): void {
  for (const entry of byKind.ServiceEntry) {
    if ((entry.spec.addresses ?? []).length > 0) continue;
    (entry.spec.ports ?? []).forEach(({ protocol = '' }, index) => {
      if (protocol === '' || protocol.toUpperCase() === 'TCP')
        report(
          'SLU0134',
          keyOf(entry),
          `spec.ports[${index}]`,
          'ServiceEntry addresses are required for this protocol.',
        );
    });
  }
}

interface PortUse {
  readonly entry: ServiceEntry;
  readonly protocol: string;
  readonly path: string;
}

/** The uses of one port of one host, by the namespaces that see them. */
type Scopes = Map<string, PortUse[]>;

/** Names that a message lists. */
const MAX_LISTED = 5;

/** What there is to tell of uses that are seen together. */
interface Summary {
  readonly uses: readonly PortUse[];
  readonly protocols: ReadonlySet<string>;
  /** The first that a message lists. */
  readonly names: readonly string[];
}

function summaryOf(uses: readonly PortUse[]): Summary {
  const protocols = new Set(uses.map(({ protocol }) => protocol));
  const names = firstOf(uses.map(({ entry: { metadata } }) => `${metadata.namespace}/${metadata.name}`));
  return { uses, protocols, names };
}

function firstOf(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort(compareText).slice(0, MAX_LISTED);
}

/** Wherever two entries can be seen together, a port of a host has one protocol. Each entry is told once. */
function reportProtocols({ byKind, report }: Subject): void {
  const told = new Set<ServiceEntry>();
  for (const [hostPort, scopes] of portUses(byKind.ServiceEntry)) {
    // Thousands may be seen everywhere, beside another in each of thousands of namespaces.
    const everywhere = summaryOf(scopes.get(EVERYWHERE) ?? []);
    let untold = everywhere.uses;
    for (const [scope, uses] of scopes) {
      const own = scope === EVERYWHERE ? everywhere : summaryOf(uses);
      const protocols = [...own.protocols.union(everywhere.protocols)].sort(compareText);
      if (protocols.length < 2) continue;
      const listed = firstOf([...own.names, ...everywhere.names]).join(', ');
      const message = `ServiceEntries (${listed}) define the same host and port (${hostPort}) with conflicting protocols (${protocols.join(', ')}).`;
      for (const { entry, path } of [...own.uses, ...untold]) {
        if (!told.has(entry)) report('SLU0177', keyOf(entry), path, message);
        told.add(entry);
      }
      untold = [];
    }
  }
}

function portUses(entries: readonly ServiceEntry[]): ReadonlyMap<string, Scopes> {
  const uses = new Map<string, Scopes>();
  for (const entry of entries) {
    for (const scope of visibilityOf(entry.spec.exportTo, entry.metadata.namespace)) {
      for (const [i, { number, protocol = '' }] of (entry.spec.ports ?? []).entries()) {
        const use = { entry, protocol: protocol.toUpperCase(), path: `spec.ports[${i}].protocol` };
        for (const host of entry.spec.hosts) enter(uses, `${host}:${number}`, scope, use);
      }
    }
  }
  return uses;
}

function enter(uses: Map<string, Scopes>, hostPort: string, scope: string, use: PortUse): void {
  let scopes = uses.get(hostPort);
  if (scopes === undefined) uses.set(hostPort, (scopes = new Map()));
  if (scopes.has(scope)) scopes.get(scope)!.push(use);
  else scopes.set(scope, [use]);
}
