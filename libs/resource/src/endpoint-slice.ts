// Kubernetes' discovery.k8s.io/v1 EndpointSlice: addresses and ports behind a Service, named by the label
// `kubernetes.io/service-name`. Its fields stand in `spec` of the normal form.
import { z } from 'zod';
import { fields, flag, integer, list, oneOf, type Readable, text, textMap, texts } from './field.ts';

const Endpoint = fields({
  addresses: texts('addresses is required'),
  conditions: fields({
    ready: flag().optional(),
    serving: flag().optional(),
    terminating: flag().optional(),
  }).optional(),
  hostname: text().optional(),
  nodeName: text().optional(),
  zone: text().optional(),
  targetRef: z.looseObject({}).optional(),
  deprecatedTopology: textMap().optional(),
  hints: z.looseObject({}).optional(),
});

export const EndpointSliceSpec = fields({
  addressType: oneOf(['IPv4', 'IPv6', 'FQDN']),
  endpoints: list(Endpoint).optional(),
  ports: list(
    fields({
      name: text().optional(),
      protocol: oneOf(['TCP', 'UDP', 'SCTP']).optional(),
      port: integer(1, 65535).optional(),
      appProtocol: text().optional(),
    }),
  ).optional(),
});

export type EndpointSliceSpec = Readable<z.infer<typeof EndpointSliceSpec>>;
