// Istio's RequestAuthentication: which tokens an HTTP request may carry. Read and checked whole, and not applied.
// Follows istio/api security/v1beta1/request_authentication.proto.
import type { z } from 'zod';
import { TargetReference } from './authorization-policy.ts';
import { duration, fields, flag, list, oneOf, type Readable, text, texts } from './field.ts';
import { MatchLabels } from './metadata.ts';

const JwtRule = fields({
  issuer: text().optional(),
  audiences: texts().optional(),
  jwksUri: text().optional(),
  jwks_uri: text().optional(),
  jwks: text().optional(),
  fromHeaders: list(fields({ name: text('location header name must be set'), prefix: text().optional() })).optional(),
  fromParams: texts().optional(),
  fromCookies: texts().optional(),
  outputPayloadToHeader: text().optional(),
  forwardOriginalToken: flag().optional(),
  outputClaimToHeaders: list(fields({ header: text().optional(), claim: text().optional() })).optional(),
  timeout: duration().optional(),
  spaceDelimitedClaims: texts().optional(),
  presence: oneOf(['OPTIONAL', 'REQUIRED', 'IGNORED']).optional(),
  failedStatusInMetadata: flag().optional(),
});

export const RequestAuthenticationSpec = fields({
  selector: MatchLabels.optional(),
  targetRef: TargetReference.optional(),
  targetRefs: list(TargetReference).optional(),
  jwtRules: list(JwtRule).optional(),
});

export type RequestAuthenticationSpec = Readable<z.infer<typeof RequestAuthenticationSpec>>;
export type JwtRule = Readable<z.infer<typeof JwtRule>>;
