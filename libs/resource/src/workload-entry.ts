// Istio's WorkloadEntry: one endpoint outside Kubernetes, with its labels. Also the inline endpoints of a ServiceEntry.
// Follows istio/api networking/v1alpha3/workload_entry.proto.
import { z } from 'zod';
import { fields, type Readable, text, textMap, uint32 } from './field.ts';

export const WorkloadEntrySpec = fields({
  address: text().optional(),
  ports: z.record(z.string(), uint32()).optional(),
  labels: textMap().optional(),
  network: text().optional(),
  locality: text().optional(),
  weight: uint32().optional(),
  serviceAccount: text().optional(),
});

export type WorkloadEntrySpec = Readable<z.infer<typeof WorkloadEntrySpec>>;
