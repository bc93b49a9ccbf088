// Rules of WorkloadGroup (istio/istio pkg/config/validation: ValidateWorkloadGroup, and the CRD's rules).
import { fieldAt } from './field-path.ts';
import type { Report } from './issue.ts';
import { checkLabels, checkOneOf } from './shared-rules.ts';
import { checkEntryPort, checkEntryPortName } from './workload-entry-rules.ts';
import type { WorkloadGroupSpec } from './workload-group.ts';

const METHODS = ['httpGet', 'tcpSocket', 'exec', 'grpc'] as const;
const COUNTS = [
  'periodSeconds',
  'initialDelaySeconds',
  'timeoutSeconds',
  'successThreshold',
  'failureThreshold',
] as const;
const HEADER_NAME = /^[-_A-Za-z0-9]+$/;

export function checkWorkloadGroup({ metadata, template, probe }: WorkloadGroupSpec, report: Report): void {
  checkLabels(report, 'spec.metadata.labels', metadata?.labels);
  checkLabels(report, 'spec.template.labels', template.labels);
  for (const [name, port] of Object.entries(template.ports ?? {})) {
    const path = fieldAt('spec.template.ports', name);
    checkEntryPortName(report, path, 'spec.template.ports', name);
    checkEntryPort(report, path, port);
  }
  if (probe !== undefined) checkProbe(probe, report);
}

function checkProbe(probe: NonNullable<WorkloadGroupSpec['probe']>, report: Report): void {
  for (const count of COUNTS) {
    if ((probe[count] ?? 0) < 0) report('SLU2082', `spec.probe.${count}`, `${count} must be non-negative`);
  }
  checkOneOf(report, 'spec.probe', probe, METHODS);
  const { httpGet, tcpSocket, exec, grpc } = probe;
  if (METHODS.every((method) => probe[method] === undefined)) {
    report(
      'SLU2082',
      'spec.probe',
      'unknown health check method <nil>: one of httpGet, tcpSocket, exec and grpc is required',
    );
  }
  if (httpGet !== undefined) {
    checkEntryPort(report, 'spec.probe.httpGet.port', httpGet.port);
    if (httpGet.scheme && !['HTTP', 'HTTPS'].includes(httpGet.scheme)) {
      report('SLU2082', 'spec.probe.httpGet.scheme', 'httpGet.scheme must be one of "HTTPS", "HTTP"');
    }
    for (const [i, { name = '' }] of (httpGet.httpHeaders ?? []).entries()) {
      const path = `spec.probe.httpGet.httpHeaders[${i}].name`;
      if (name === '') report('SLU2082', path, 'header name cannot be empty');
      else if (!HEADER_NAME.test(name)) {
        report('SLU2082', path, `${path} in body should match '${HEADER_NAME.source}': ${JSON.stringify(name)}`);
      }
    }
  }
  if (tcpSocket !== undefined) checkEntryPort(report, 'spec.probe.tcpSocket.port', tcpSocket.port);
  if (exec?.command.length === 0) report('SLU2082', 'spec.probe.exec.command', 'exec.command is required');
  if (grpc?.port !== undefined) checkEntryPort(report, 'spec.probe.grpc.port', grpc.port);
}
