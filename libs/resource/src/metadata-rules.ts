// Kubernetes' rules for names, namespaces, labels and annotations.
import type { Report } from './issue.ts';
import type { Metadata } from './metadata.ts';
import { quote } from './schema-check.ts';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** Reports what is wrong; true if nothing is. */
export function checkMetadata(kind: string, metadata: Metadata, report: Report): boolean {
  let valid = true;
  const refuse = (path: string, message: string) => {
    valid = false;
    report('SLU1019', path, message);
  };
  const { name, namespace } = metadata;
  if (name.length > 253 || !(SUBDOMAIN.test(name) || /^[A-Za-z0-9._:-]+$/.test(name))) {
    refuse('metadata.name', `invalid ${kind} name: ${quote(name)}`);
  }
  if (namespace !== '' && (namespace.length > 63 || !LABEL.test(namespace))) {
    refuse('metadata.namespace', `invalid namespace: ${quote(namespace)}`);
  }
  return valid;
}
