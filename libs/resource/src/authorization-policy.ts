// Istio's AuthorizationPolicy: who may connect. Follows istio/api security/v1beta1/authorization_policy.proto.
import type { z } from 'zod';
import { fields, list, oneOf, type Readable, text, texts } from './field.ts';
import { MatchLabels } from './metadata.ts';

const Source = fields({
  principals: texts().optional(),
  notPrincipals: texts().optional(),
  requestPrincipals: texts().optional(),
  notRequestPrincipals: texts().optional(),
  namespaces: texts().optional(),
  notNamespaces: texts().optional(),
  serviceAccounts: texts().optional(),
  notServiceAccounts: texts().optional(),
  trustDomains: texts().optional(),
  notTrustDomains: texts().optional(),
  ipBlocks: texts().optional(),
  notIpBlocks: texts().optional(),
  remoteIpBlocks: texts().optional(),
  notRemoteIpBlocks: texts().optional(),
});

const Operation = fields({
  hosts: texts().optional(),
  notHosts: texts().optional(),
  ports: texts().optional(),
  notPorts: texts().optional(),
  methods: texts().optional(),
  notMethods: texts().optional(),
  paths: texts().optional(),
  notPaths: texts().optional(),
});

const Condition = fields({
  key: text('`key` must not be empty'),
  values: texts().optional(),
  notValues: texts().optional(),
});

const Rule = fields({
  from: list(fields({ source: Source.optional() })).optional(),
  to: list(fields({ operation: Operation.optional() })).optional(),
  when: list(Condition).optional(),
});

export const TargetReference = fields({
  group: text().optional(),
  kind: text('targetRef kind must be set'),
  name: text('targetRef name must be set'),
  namespace: text().optional(),
});

export const AuthorizationPolicySpec = fields({
  selector: MatchLabels.optional(),
  targetRef: TargetReference.optional(),
  targetRefs: list(TargetReference).optional(),
  rules: list(Rule).optional(),
  action: oneOf(['ALLOW', 'DENY', 'AUDIT', 'CUSTOM']).optional(),
  provider: fields({ name: text().optional() }).optional(),
});

export type AuthorizationPolicySpec = Readable<z.infer<typeof AuthorizationPolicySpec>>;
export type PolicyTarget = Readable<z.infer<typeof TargetReference>>;
export type AuthorizationRule = Readable<z.infer<typeof Rule>>;
export type AuthorizationSource = Readable<z.infer<typeof Source>>;
export type AuthorizationOperation = Readable<z.infer<typeof Operation>>;
export type AuthorizationCondition = Readable<z.infer<typeof Condition>>;
