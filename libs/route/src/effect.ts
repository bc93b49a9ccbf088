// What a change does at the edge: listeners, routes, clusters, policies and certificates that come, go, or are not what they
// were.
import { canonicalJson } from '@sluice/resource';
import type { ListenerPlan, TablePlan } from '@sluice/route-table';
import type { Compiled } from './compile.ts';
import { compareText } from './order.ts';
import { tlsContents } from './tls-effect.ts';

/** Names, sorted. */
export interface Change {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

export interface Effect {
  /** A listener is changed if anything but its routes is. */
  readonly listeners: Change;
  /** `LISTENER ROUTE`, such as `0.0.0.0_31400 default/tcp-echo/tcp[0]`. */
  readonly routes: Change;
  readonly clusters: Change;
  readonly authorization: Change;
  /** Servers that end TLS, changed if their settings are; and each one's certificates, client CA and revocation list. */
  readonly tls: Change;
  /** Nothing comes, goes or changes. */
  readonly none: boolean;
}

type Compared = Pick<Compiled, 'plan' | 'tls'>;

/** Compares two plans by name, and by content where the names are the same. */
export function effect({ plan: before, tls: tlsBefore }: Compared, { plan: after, tls: tlsAfter }: Compared): Effect {
  const listeners = compare(listenerContents(before), listenerContents(after));
  const routes = compare(routeContents(before), routeContents(after));
  const clusters = compare(
    new Map(before.clusters.map((one) => [one.name, canonicalJson(one)])),
    new Map(after.clusters.map((one) => [one.name, canonicalJson(one)])),
  );
  const authorization = compare(
    new Map(before.authorization.map((one) => [one.name, canonicalJson(one)])),
    new Map(after.authorization.map((one) => [one.name, canonicalJson(one)])),
  );
  const tls = compare(tlsContents(tlsBefore), tlsContents(tlsAfter));
  const none = [listeners, routes, clusters, authorization, tls].every(
    ({ added, removed, changed }) => added.length + removed.length + changed.length === 0,
  );
  return { listeners, routes, clusters, authorization, tls, none };
}

/** What a listener is apart from its routes; policies by name, since their places move. */
function listenerContents(plan: TablePlan): Map<string, string> {
  const policies = (listener: ListenerPlan) => listener.authorization.map((index) => plan.authorization[index]!.name);
  return new Map(
    plan.listeners.map((listener) => {
      const { bind, port, gateways, inspectsTls } = listener;
      const names = listener.chains.map((chain) => chain.names);
      return [listener.name, canonicalJson({ bind, port, gateways, inspectsTls, names, policies: policies(listener) })];
    }),
  );
}

/** Every rule of a route in its place among the others; clusters by name. */
function routeContents(plan: TablePlan): Map<string, string> {
  const contents = new Map<string, string>();
  for (const listener of plan.listeners) {
    for (const { names, rules } of listener.chains) {
      for (const { conditions, route } of rules) {
        const destinations = route.destinations.map((one) => ({ ...one, cluster: plan.clusters[one.cluster]!.name }));
        const name = `${listener.name} ${route.name}`;
        contents.set(
          name,
          `${contents.get(name) ?? ''}${canonicalJson({ names, conditions, route: { ...route, destinations } })}`,
        );
      }
    }
  }
  return contents;
}

function compare(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): Change {
  const added: string[] = [];
  const removed: string[] = [];
  const changed: string[] = [];
  for (const [name, content] of after) {
    if (!before.has(name)) added.push(name);
    else if (before.get(name) !== content) changed.push(name);
  }
  for (const name of before.keys()) if (!after.has(name)) removed.push(name);
  return { added: added.sort(compareText), removed: removed.sort(compareText), changed: changed.sort(compareText) };
}
