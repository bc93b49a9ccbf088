// Resources as they may be shown: what is secret is told by its size only. Everything that shows resources goes through here.
import type { Resource } from './resource.ts';

/** Where `kubectl apply` keeps a copy of the whole manifest. */
const COPY = 'kubectl.kubernetes.io/last-applied-configuration';

/** A Secret without its values; any other resource as it is. */
export function masked(resource: Resource): Resource {
  if (resource.kind !== 'Secret') return resource;
  const { metadata, spec } = resource;
  const { [COPY]: copy, ...annotations } = metadata.annotations;
  return {
    ...resource,
    metadata: { ...metadata, annotations: copy === undefined ? annotations : { ...annotations, [COPY]: '(secret)' } },
    spec: spec.data === undefined ? spec : { ...spec, data: maskedData(spec.data) },
  };
}

/** Whether a field of a Secret, by its path from the resource on, is or holds what is secret. */
export function isSecretField(path: string): boolean {
  return path.startsWith('spec.data') || path === 'spec' || path.startsWith('metadata.annotations');
}

/** A value of such a field. */
export function maskedValue(value: unknown): unknown {
  if (typeof value === 'string') return `(secret, ${Buffer.from(value, 'base64').length} bytes)`;
  return typeof value === 'object' && value !== null ? maskedData(value as Readonly<Record<string, unknown>>) : value;
}

function maskedData(data: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, String(maskedValue(value))]));
}
