// IST0128, IST0129, IST0173, IST0174: DestinationRules without certificates to check by, for unknown hosts or empty subsets.
import { type ClientTls, type DestinationRule, keyOf } from '@sluice/resource';
import { addScopedLabelled, type LabelIndex, type Labelled, selectScopedLabelled } from '../label-index.ts';
import { findHost, type KnownHost } from './host-scope.ts';
import type { Subject } from './subject.ts';

export function analyzeDestinationRules(subject: Subject): void {
  const inline = inlineLabels(subject);
  for (const rule of subject.byKind.DestinationRule) {
    reportUnverified(subject, rule);
    const { namespace } = rule.metadata;
    const known = findHost(subject.hosts, rule.spec.host, namespace, rule.spec.exportTo);
    if (known === undefined) {
      const message = `Unknown host "${rule.spec.host}" in DestinationRule: no Service or ServiceEntry has it`;
      subject.report('SLU0174', keyOf(rule), 'spec.host', message);
    } else reportEmptySubsets(subject, rule, known, inline);
  }
}

/** With a workloadSelector, a credential is read beside the workload and brings its own authority. */
function reportUnverified({ report }: Subject, rule: DestinationRule): void {
  const { spec, metadata } = rule;
  const selecting = Object.keys(spec.workloadSelector?.matchLabels ?? {}).length > 0;
  const unverified = (tls: ClientTls | undefined) =>
    (tls?.mode === 'SIMPLE' || tls?.mode === 'MUTUAL') && !tls.caCertificates && !(selecting && tls.credentialName);
  const text = (mode: string | undefined) =>
    `DestinationRule ${metadata.namespace}/${metadata.name} in namespace ${metadata.namespace} has TLS mode set to ${mode} but no caCertificates are set to validate server identity for host: ${spec.host}`;
  const root = spec.trafficPolicy?.tls;
  if (unverified(root)) report('SLU0128', keyOf(rule), 'spec.trafficPolicy.tls', text(root?.mode));
  (spec.trafficPolicy?.portLevelSettings ?? []).forEach(({ tls, port }, index) => {
    const path = `spec.trafficPolicy.portLevelSettings[${index}].tls`;
    if (unverified(tls)) report('SLU0129', keyOf(rule), path, `${text(tls?.mode)} at port number:${port?.number ?? 0}`);
  });
}

/** Labels written beside endpoints that no selector finds: inline endpoints and slices, by host. */
function inlineLabels({ byKind }: Subject): ReadonlyMap<string, LabelIndex<Labelled>> {
  const byHost = new Map<string, LabelIndex<Labelled>>();
  const add = (host: string, labels: Readonly<Record<string, string>>) => {
    addScopedLabelled(byHost, host, { labels });
  };
  for (const { spec } of byKind.ServiceEntry)
    for (const host of spec.hosts) for (const { labels } of spec.endpoints ?? []) add(host.toLowerCase(), labels ?? {});
  for (const { metadata } of byKind.EndpointSlice) {
    const service = metadata.labels['kubernetes.io/service-name'];
    if (service !== undefined) add(`${service}.${metadata.namespace}.svc.cluster.local`, metadata.labels);
  }
  return byHost;
}

function reportEmptySubsets(
  { workloads, report }: Subject,
  rule: DestinationRule,
  known: KnownHost,
  inline: ReturnType<typeof inlineLabels>,
): void {
  (rule.spec.subsets ?? []).forEach(({ name, labels }, index) => {
    if (selectScopedLabelled(inline, known.host, labels ?? {}).length > 0) return;
    if (selectScopedLabelled(workloads.byNamespace, known.namespace, { ...known.selector, ...labels }).length > 0)
      return;
    report(
      'SLU0173',
      keyOf(rule),
      `spec.subsets[${index}]`,
      `Subset ${name} does not select any endpoint of ${known.host}`,
    );
  });
}
