// Istio's ServiceEntry: a host, its ports and where its endpoints come from.
// Follows istio/api networking/v1alpha3/service_entry.proto.
import type { z } from 'zod';
import { fields, list, oneOf, type Readable, text, texts, uint32 } from './field.ts';
import { WorkloadSelector } from './metadata.ts';
import { WorkloadEntrySpec } from './workload-entry.ts';

const ServicePort = fields({
  number: uint32('port number is required'),
  name: text('port name is required'),
  protocol: text().optional(),
  targetPort: uint32().optional(),
});

export const ServiceEntrySpec = fields({
  hosts: texts('service entry must have at least one host'),
  addresses: texts().optional(),
  ports: list(ServicePort).optional(),
  location: oneOf(['MESH_EXTERNAL', 'MESH_INTERNAL']).optional(),
  resolution: oneOf(['NONE', 'STATIC', 'DNS', 'DNS_ROUND_ROBIN', 'DYNAMIC_DNS']).optional(),
  endpoints: list(WorkloadEntrySpec).optional(),
  workloadSelector: WorkloadSelector.optional(),
  exportTo: texts().optional(),
  subjectAltNames: texts().optional(),
});

export type ServiceEntrySpec = Readable<z.infer<typeof ServiceEntrySpec>>;
export type ServiceEntryPort = NonNullable<ServiceEntrySpec['ports']>[number];
