// What every resource says about itself, and its normal form. Istio and Kubernetes read the same metadata.
import { z } from 'zod';
import { fields, flag, integer, type Readable, text, textMap, texts } from './field.ts';

/** What Kubernetes may have added to a resource read back from a cluster: known, of no meaning here. */
const KUBERNETES_BOOKKEEPING = {
  uid: z.string().optional(),
  resourceVersion: z.string().optional(),
  generation: z.int().optional(),
  generateName: z.string().optional(),
  selfLink: z.string().optional(),
  clusterName: z.string().optional(),
  deletionTimestamp: z.string().optional(),
  deletionGracePeriodSeconds: z.int().optional(),
  finalizers: texts().optional(),
  ownerReferences: z.array(z.looseObject({})).optional(),
  managedFields: z.array(z.looseObject({})).optional(),
};

/** Metadata as a manifest writes it. */
export const ManifestMetadata = fields({
  name: text('name is required'),
  namespace: z.string().optional(),
  labels: textMap().optional(),
  annotations: textMap().optional(),
  creationTimestamp: z.string().optional(),
  ...KUBERNETES_BOOKKEEPING,
});

/**
 * Metadata in normal form. `namespace` is `default` where none was written and empty for cluster-scoped kinds;
 * `creation` is an ISO 8601 time in UTC, only if the manifest had a creationTimestamp.
 */
export const MetadataSchema = fields({
  name: text('name is required'),
  namespace: text(),
  labels: textMap(),
  annotations: textMap(),
  creation: z.string().optional(),
});

export type Metadata = Readable<z.infer<typeof MetadataSchema>>;

/** A label selector's part that Istio's networking kinds use. */
export const WorkloadSelector = fields({ labels: textMap().optional() });

/** A label selector's part that Istio's security kinds and DestinationRule use. */
export const MatchLabels = fields({ matchLabels: textMap().optional() });

/** A number from 0 to 65535 as schemas know it; rules refuse 0 where it has no meaning. */
export const portNumber = (hint?: string) => integer(0, 0xffffffff, hint);

export const boolField = flag;
