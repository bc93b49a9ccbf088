// What every analyzer is given.
import type { IgnoredResource } from '@sluice/resource';
import type { ByKind } from '../catalog.ts';
import type { ReportAt } from '../clusters.ts';
import type { Setting } from '../options.ts';
import type { HostScopes } from './host-scope.ts';
import type { WorkloadLabels } from './workload-labels.ts';

export interface Subject {
  readonly byKind: ByKind;
  readonly ignored: readonly IgnoredResource[];
  readonly setting: Setting;
  readonly workloads: WorkloadLabels;
  readonly hosts: HostScopes;
  readonly report: ReportAt;
}
