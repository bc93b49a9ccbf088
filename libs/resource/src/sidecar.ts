// Istio's Sidecar: which traffic a workload's proxy takes in and sends out. Read and checked whole, and not applied.
// Follows istio/api networking/v1alpha3/sidecar.proto.
import type { z } from 'zod';
import { Destination } from './destination.ts';
import { fields, list, oneOf, type Readable, text, texts, uint32 } from './field.ts';
import { ServerTls } from './gateway.ts';
import { WorkloadSelector } from './metadata.ts';
import { ConnectionPool } from './traffic-policy.ts';

const SidecarPort = fields({
  number: uint32().optional(),
  name: text().optional(),
  protocol: text().optional(),
  targetPort: uint32().optional(),
});

const CAPTURE_MODES = ['DEFAULT', 'IPTABLES', 'NONE'] as const;

export const SidecarSpec = fields({
  workloadSelector: WorkloadSelector.optional(),
  ingress: list(
    fields({
      port: SidecarPort.optional(),
      bind: text().optional(),
      captureMode: oneOf(CAPTURE_MODES).optional(),
      defaultEndpoint: text().optional(),
      tls: ServerTls.optional(),
      connectionPool: ConnectionPool.optional(),
    }),
  ).optional(),
  egress: list(
    fields({
      port: SidecarPort.optional(),
      bind: text().optional(),
      captureMode: oneOf(CAPTURE_MODES).optional(),
      hosts: texts('sidecar: egress listener must contain at least one host'),
    }),
  ).optional(),
  outboundTrafficPolicy: fields({
    mode: oneOf(['REGISTRY_ONLY', 'ALLOW_ANY']).optional(),
    egressProxy: Destination.optional(),
  }).optional(),
  inboundConnectionPool: ConnectionPool.optional(),
});

export type SidecarSpec = Readable<z.infer<typeof SidecarSpec>>;
