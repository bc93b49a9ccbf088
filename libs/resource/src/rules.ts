// The rules of single resources, kind by kind: what no schema can say (Istio: the admission webhook).
import { checkAuthorizationPolicy } from './authorization-policy-rules.ts';
import { CODES } from './codes.ts';
import { checkDestinationRule } from './destination-rule-rules.ts';
import { checkKubernetesGateway, checkL4Route, checkReferenceGrant } from './gateway-api-rules.ts';
import { checkGateway } from './gateway-rules.ts';
import type { Report } from './issue.ts';
import { checkEndpointSlice, checkSecret, checkService } from './kubernetes-rules.ts';
import { checkDryRunAnnotation } from './metadata-rules.ts';
import type { Kind, Resource } from './resource.ts';
import { checkServiceEntry } from './service-entry-rules.ts';
import { checkVirtualService } from './virtual-service-rules.ts';
import { checkWorkloadEntry } from './workload-entry-rules.ts';

type KindRules = { readonly [K in Kind]?: (resource: Extract<Resource, { kind: K }>, report: Report) => void };

const RULES: KindRules = {
  Gateway: checkGateway,
  VirtualService: checkVirtualService,
  DestinationRule: checkDestinationRule,
  ServiceEntry: checkServiceEntry,
  WorkloadEntry: checkWorkloadEntry,
  AuthorizationPolicy: checkAuthorizationPolicy,
  Service: checkService,
  EndpointSlice: checkEndpointSlice,
  Secret: checkSecret,
  KubernetesGateway: checkKubernetesGateway,
  TCPRoute: checkL4Route,
  TLSRoute: checkL4Route,
  ReferenceGrant: checkReferenceGrant,
};

/** Reports what breaks a rule; true if no error was among it. The resource must fit its schema. */
export function checkRules(resource: Resource, outer: Report): boolean {
  let accepted = true;
  const report: Report = (code, path, message) => {
    if (CODES[code].level === 'error') accepted = false;
    outer(code, path, message);
  };
  const { apiVersion, kind, metadata } = resource;
  if (kind !== 'AuthorizationPolicy' && apiVersion.includes('.istio.io/')) checkDryRunAnnotation(metadata, report);
  const rules = RULES[resource.kind] as ((resource: Resource, report: Report) => void) | undefined;
  rules?.(resource, report);
  return accepted;
}
