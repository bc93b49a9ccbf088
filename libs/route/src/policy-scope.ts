// Which AuthorizationPolicies hold on which listeners: by namespace and labels of the acceptor, or by target.
import { type AuthorizationPolicy, keyOf } from '@sluice/resource';
import type { ReportAt } from './clusters.ts';
import { isEmpty, selects } from './label.ts';
import type { EdgeGateway } from './model.ts';
import type { Setting } from './options.ts';

/** Where a policy holds: everywhere, or on listeners of these gateways, in lists that policies share. */
export type PolicyScope = 'everywhere' | { readonly gateways: readonly (readonly EdgeGateway[])[] };

/** Gateways of the acceptor by their resource, and by namespace. */
export interface GatewayIndex {
  readonly byKey: ReadonlyMap<string, readonly EdgeGateway[]>;
  readonly byNamespace: ReadonlyMap<string, readonly EdgeGateway[]>;
}

export function indexGateways(gateways: readonly EdgeGateway[]): GatewayIndex {
  return {
    byKey: Map.groupBy(gateways, ({ key }) => key),
    byNamespace: Map.groupBy(gateways, ({ namespace }) => namespace),
  };
}

/**
 * Undefined where it holds nowhere (SLU3023). A policy holds on an acceptor if it is in the root namespace or in the
 * acceptor's own, and its selector has no other labels than the acceptor. One with such a selector in a Gateway's namespace
 * holds on that Gateway's listeners, which Istio would not do (SLU3024): its gateways have a namespace, an acceptor hardly.
 */
export function policyScope(
  policy: AuthorizationPolicy,
  { byKey, byNamespace }: GatewayIndex,
  setting: Setting,
  report: ReportAt,
): PolicyScope | undefined {
  const { metadata, spec } = policy;
  const key = keyOf(policy);
  const targets = spec.targetRefs ?? (spec.targetRef === undefined ? [] : [spec.targetRef]);
  if (targets.length > 0) {
    const ids = new Set(
      targets
        .filter(({ group, kind }) => kind === 'Gateway' && group === 'gateway.networking.k8s.io')
        .map(({ name }) => `KubernetesGateway/${metadata.namespace}/${name}`),
    );
    const targeted = [...ids].flatMap((id) => (byKey.has(id) ? [byKey.get(id)!] : []));
    if (targeted.length > 0) return { gateways: targeted };
    report('SLU3023', key, 'spec', 'policy holds nowhere: no Gateway of this acceptor is its target');
    return undefined;
  }
  const selector = spec.selector?.matchLabels;
  if (!selects(selector, setting.labels)) {
    report(
      'SLU3023',
      key,
      'spec.selector',
      'policy does not hold here: its selector does not fit the labels of the acceptor',
    );
    return undefined;
  }
  if (metadata.namespace === setting.rootNamespace || metadata.namespace === setting.namespace) return 'everywhere';
  const neighbours = byNamespace.get(metadata.namespace);
  if (isEmpty(selector) || neighbours === undefined) {
    report(
      'SLU3023',
      key,
      'metadata.namespace',
      `policy does not hold here: it is neither in the root namespace ${setting.rootNamespace} nor in namespace ${setting.namespace} of the acceptor`,
    );
    return undefined;
  }
  report(
    'SLU3024',
    key,
    'metadata.namespace',
    `policy holds on gateways of namespace ${metadata.namespace}; Istio would apply it in namespace ${setting.namespace} or ${setting.rootNamespace} only`,
  );
  return { gateways: [neighbours] };
}
