// Istio's WorkloadGroup: what the workloads that register with a control plane have in common. Read and checked whole, and not
// applied. Follows istio/api networking/v1alpha3/workload_group.proto.
import type { z } from 'zod';
import { fields, int32, list, type Readable, text, textMap, texts, uint32 } from './field.ts';
import { WorkloadEntrySpec } from './workload-entry.ts';

const Probe = fields({
  initialDelaySeconds: int32().optional(),
  timeoutSeconds: int32().optional(),
  periodSeconds: int32().optional(),
  successThreshold: int32().optional(),
  failureThreshold: int32().optional(),
  httpGet: fields({
    path: text().optional(),
    port: uint32('port must be between 1-65535'),
    host: text().optional(),
    scheme: text().optional(),
    httpHeaders: list(fields({ name: text().optional(), value: text().optional() })).optional(),
  }).optional(),
  tcpSocket: fields({ host: text().optional(), port: uint32('port must be between 1-65535') }).optional(),
  exec: fields({ command: texts('exec.command is required') }).optional(),
  grpc: fields({ port: uint32().optional(), service: text().optional() }).optional(),
});

export const WorkloadGroupSpec = fields({
  metadata: fields({ labels: textMap().optional(), annotations: textMap().optional() }).optional(),
  // Its address is filled in when a workload registers.
  template: fields(WorkloadEntrySpec.shape, 'template is required'),
  probe: Probe.optional(),
});

export type WorkloadGroupSpec = Readable<z.infer<typeof WorkloadGroupSpec>>;
