// Istio's VirtualService: ordered rules from what is known of a connection to weighted destinations.
// Follows istio/api networking/v1alpha3/virtual_service.proto; its `http` part is in http-route.ts.
import type { z } from 'zod';
import { Destination } from './destination.ts';
import { fields, int32, list, type Readable, text, textMap, texts, uint32 } from './field.ts';
import { HttpRoute } from './http-route.ts';

const RouteDestination = fields({ destination: Destination, weight: int32().optional() });

const L4_MATCH = {
  destinationSubnets: texts().optional(),
  port: uint32().optional(),
  sourceLabels: textMap().optional(),
  gateways: texts().optional(),
  sourceNamespace: text().optional(),
};

const TcpRoute = fields({
  match: list(fields({ ...L4_MATCH, sourceSubnet: text().optional() })).optional(),
  route: list(RouteDestination, 'TCP route is required'),
});

const TlsRoute = fields({
  match: list(
    fields({ ...L4_MATCH, sniHosts: texts('TLS match must have at least one SNI host') }),
    'TLS route must have at least one match condition',
  ),
  route: list(RouteDestination, 'TLS route is required'),
});

export const VirtualServiceSpec = fields({
  hosts: texts().optional(),
  gateways: texts().optional(),
  http: list(HttpRoute).optional(),
  tls: list(TlsRoute).optional(),
  tcp: list(TcpRoute).optional(),
  exportTo: texts().optional(),
});

export type VirtualServiceSpec = Readable<z.infer<typeof VirtualServiceSpec>>;
export type TcpRoute = Readable<z.infer<typeof TcpRoute>>;
export type TcpMatch = NonNullable<TcpRoute['match']>[number];
export type TlsRoute = Readable<z.infer<typeof TlsRoute>>;
export type TlsMatch = TlsRoute['match'][number];
export type RouteDestination = Readable<z.infer<typeof RouteDestination>>;
