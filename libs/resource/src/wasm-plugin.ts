// Istio's WasmPlugin: a filter for proxies. Read and checked whole, and not applied.
// Follows istio/api extensions/v1alpha1/wasm.proto.
import { z } from 'zod';
import { TargetReference } from './authorization-policy.ts';
import { fields, int32, list, oneOf, type Readable, text, uint32 } from './field.ts';
import { MatchLabels } from './metadata.ts';

export const WasmPluginSpec = fields({
  selector: MatchLabels.optional(),
  targetRef: TargetReference.optional(),
  targetRefs: list(TargetReference).optional(),
  url: text('url field needs to be set'),
  sha256: text().optional(),
  imagePullPolicy: oneOf(['UNSPECIFIED_POLICY', 'IfNotPresent', 'Always']).optional(),
  imagePullSecret: text().optional(),
  verificationKey: text().optional(),
  pluginConfig: z.record(z.string(), z.unknown()).optional(),
  pluginName: text().optional(),
  phase: oneOf(['UNSPECIFIED_PHASE', 'AUTHN', 'AUTHZ', 'STATS']).optional(),
  priority: int32().optional(),
  failStrategy: oneOf(['FAIL_CLOSE', 'FAIL_OPEN', 'FAIL_RELOAD']).optional(),
  vmConfig: fields({
    env: list(
      fields({
        name: text('spec.vmConfig.env invalid'),
        valueFrom: oneOf(['INLINE', 'HOST']).optional(),
        value: text().optional(),
      }),
    ).optional(),
  }).optional(),
  match: list(
    fields({
      mode: oneOf(['UNDEFINED', 'CLIENT', 'SERVER', 'CLIENT_AND_SERVER']).optional(),
      ports: list(fields({ number: uint32('port must be between 1-65535') })).optional(),
    }),
  ).optional(),
  type: oneOf(['UNSPECIFIED_PLUGIN_TYPE', 'HTTP', 'NETWORK']).optional(),
});

export type WasmPluginSpec = Readable<z.infer<typeof WasmPluginSpec>>;
