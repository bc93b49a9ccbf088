// Rules across resources: what Istio's analyzers report, in their words and levels, and what compiling drops.
import type { Code, Complaint, FieldPath, IgnoredResource, Resource, ResourceKey } from '@sluice/resource';
import { complain } from '@sluice/resource';
import { groupByKind } from '../catalog.ts';
import { type Compiled, compile, sortComplaints } from '../compile.ts';
import { ComplaintBook } from '../complaint-book.ts';
import type { Labels } from '../label.ts';
import { type CompileOptions, type Setting, settingOf } from '../options.ts';
import { complainOfSpread, isTooFar, spreadOfAll } from '../spread.ts';
import { analyzeBackends } from './backends.ts';
import { analyzeCertificates } from './certificates.ts';
import { analyzeDestinationRules } from './destination-rules.ts';
import { analyzeDestinations } from './destinations.ts';
import { analyzeGatewayConflicts } from './gateway-conflicts.ts';
import { analyzeGatewayPorts } from './gateway-ports.ts';
import { analyzeGatewayReferences } from './gateway-references.ts';
import { analyzeGatewaySelectors } from './gateway-selectors.ts';
import { indexHosts } from './host-scope.ts';
import { analyzeMeshHosts } from './mesh-hosts.ts';
import { analyzePolicies } from './policies.ts';
import { analyzeServiceEntries } from './service-entries.ts';
import { analyzeServices } from './services.ts';
import type { Subject } from './subject.ts';
import { readWorkloadLabels } from './workload-labels.ts';

export interface AnalyzeOptions extends CompileOptions {
  /** Resources that are not applied; their Pods, Deployments and Namespaces still count as being there. */
  readonly ignored?: Iterable<IgnoredResource>;
  /** Resources with errors of their own, as far as they can be read: they are analyzed too, and compiled not at all. */
  readonly refused?: Iterable<Resource>;
  /** Label sets of all acceptors there are. Default: only `labels`. */
  readonly acceptors?: readonly Labels[];
  /** What `compile` made of the same resources and options, so that it is not done twice. */
  readonly compiled?: Compiled;
}

const ANALYZERS: readonly ((subject: Subject) => void)[] = [
  analyzeGatewaySelectors,
  analyzeGatewayPorts,
  analyzeGatewayConflicts,
  analyzeCertificates,
  analyzeGatewayReferences,
  analyzeDestinations,
  analyzeBackends,
  analyzeMeshHosts,
  analyzeDestinationRules,
  analyzeServices,
  analyzeServiceEntries,
  analyzePolicies,
];

/**
 * Everything there is to say about the resources together, in order of resource, path and code. Level `error` means that the
 * set must not be published. Takes time in proportion to the resources, and never throws: of a set whose lists multiply too
 * far (SLU3040) that is all that is said.
 */
export function analyze(resources: Iterable<Resource>, options: AnalyzeOptions): readonly Complaint[] {
  const all = [...resources];
  const setting = settingOf(options);
  const read = [...all, ...(options.refused ?? [])];
  if (isTooFar(spreadOfAll(read))) return [complainOfSpread()];
  const found = analyzeKinds(read, setting, options);
  return sortComplaints([...found, ...(options.compiled ?? compile(all, options)).complaints]);
}

/** What the analyzers say, in no order. */
export function analyzeKinds(
  resources: Iterable<Resource>,
  setting: Setting,
  options: Pick<AnalyzeOptions, 'labels' | 'ignored' | 'acceptors'>,
): Complaint[] {
  const byKind = groupByKind(resources);
  const complaints = new ComplaintBook();
  const report = (code: Code, key: ResourceKey, path: FieldPath, message: string) => {
    complaints.push(complain(code, key, path, message));
  };
  const ignored = [...(options.ignored ?? [])];
  const subject: Subject = {
    byKind,
    ignored,
    setting,
    workloads: readWorkloadLabels(byKind, ignored, options.acceptors ?? [options.labels], setting),
    hosts: indexHosts(byKind),
    report,
  };
  for (const run of ANALYZERS) run(subject);
  return complaints.list();
}
