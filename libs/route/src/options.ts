// What meaning depends on besides the resources themselves: for whom they are compiled, and what came first.
import type { ResourceKey } from '@sluice/resource';

export interface CompileOptions {
  /** Labels of the acceptor, matched with the selectors of Gateways and policies. */
  readonly labels: Readonly<Record<string, string>>;
  /**
   * Namespace the acceptor counts as part of (Istio: the gateway workload's), for `exportTo`, credentials and policies.
   * Default `istio-system`.
   */
  readonly namespace?: string;
  /** Namespace whose policies hold everywhere (Istio: `rootNamespace`). Default `istio-system`. */
  readonly rootNamespace?: string;
  /** The version that first brought a resource: what came first goes first. Default: all at once. */
  readonly creation?: (key: ResourceKey) => number;
}

/** The same with every default filled in. */
export interface Setting {
  readonly labels: Readonly<Record<string, string>>;
  readonly namespace: string;
  readonly rootNamespace: string;
  readonly creation: (key: ResourceKey) => number;
}

/** Istio's name of the namespace that holds its gateways and its mesh-wide policies. */
const ISTIO_NAMESPACE = 'istio-system';

export const DEFAULT_LABELS: Readonly<Record<string, string>> = { istio: 'ingressgateway' };

export function settingOf(options: CompileOptions): Setting {
  return {
    labels: options.labels,
    namespace: options.namespace ?? ISTIO_NAMESPACE,
    rootNamespace: options.rootNamespace ?? ISTIO_NAMESPACE,
    creation: options.creation ?? (() => 0),
  };
}
