// Istio's PeerAuthentication: which TLS the workloads of a mesh take. Read and checked whole, and not applied.
// Follows istio/api security/v1beta1/peer_authentication.proto.
import { z } from 'zod';
import { fields, oneOf, type Readable } from './field.ts';
import { MatchLabels } from './metadata.ts';

const MutualTls = fields({ mode: oneOf(['UNSET', 'DISABLE', 'PERMISSIVE', 'STRICT']).optional() });

export const PeerAuthenticationSpec = fields({
  selector: MatchLabels.optional(),
  mtls: MutualTls.optional(),
  portLevelMtls: z.record(z.string(), MutualTls).optional(),
});

export type PeerAuthenticationSpec = Readable<z.infer<typeof PeerAuthenticationSpec>>;
