// Small resources for the tests of this package and of those that store versions. Not part of what it exports.
import type { Resource } from '@sluice/resource';

/** A WorkloadEntry: a resource that is right by itself. */
export function workload(name: string, address = '10.0.0.1', labels: Record<string, string> = {}): Resource {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'WorkloadEntry',
    metadata: { name, namespace: 'default', labels, annotations: {} },
    spec: { address },
  };
}
