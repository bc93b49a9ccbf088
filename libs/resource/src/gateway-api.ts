// The Kubernetes Gateway API's kinds for L4: Gateway (kind `KubernetesGateway` in the normal form, as Istio calls it
// inside, since Istio's own Gateway bears the same name), TCPRoute, TLSRoute, ReferenceGrant, GatewayClass.
// Follows gateway.networking.k8s.io/v1, with the experimental channel's L4 routes.
import { z } from 'zod';
import { fields, int32, integer, list, oneOf, type Readable, text, textMap, texts } from './field.ts';

const LabelSelector = fields({
  matchLabels: textMap().optional(),
  matchExpressions: list(
    fields({
      key: text('key is required'),
      operator: oneOf(['In', 'NotIn', 'Exists', 'DoesNotExist']),
      values: texts().optional(),
    }),
  ).optional(),
});

const ObjectReference = fields({
  group: text().optional(),
  kind: text().optional(),
  name: text('name is required'),
  namespace: text().optional(),
});

const ListenerTls = fields({
  mode: oneOf(['Terminate', 'Passthrough']).optional(),
  certificateRefs: list(ObjectReference).optional(),
  frontendValidation: fields({
    caCertificateRefs: list(ObjectReference).optional(),
    mode: text().optional(),
  }).optional(),
  options: textMap().optional(),
});

const AllowedRoutes = fields({
  namespaces: fields({
    from: oneOf(['All', 'Selector', 'Same', 'None']).optional(),
    selector: LabelSelector.optional(),
  }).optional(),
  kinds: list(fields({ group: text().optional(), kind: text('kind is required') })).optional(),
});

const Listener = fields({
  name: text('name is required'),
  hostname: text().optional(),
  port: integer(1, 65535, 'port is required'),
  protocol: text('protocol is required'),
  tls: ListenerTls.optional(),
  allowedRoutes: AllowedRoutes.optional(),
});

export const KubernetesGatewaySpec = fields({
  gatewayClassName: text('gatewayClassName is required'),
  listeners: list(Listener, 'listeners is required'),
  addresses: list(fields({ type: text().optional(), value: text().optional() })).optional(),
  infrastructure: z.looseObject({}).optional(),
  backendTLS: z.looseObject({}).optional(),
  allowedListeners: z.looseObject({}).optional(),
  tls: z.looseObject({}).optional(),
  defaultScope: text().optional(),
});

const ParentReference = fields({
  group: text().optional(),
  kind: text().optional(),
  namespace: text().optional(),
  name: text('name is required'),
  sectionName: text().optional(),
  port: integer(1, 65535).optional(),
});

const BackendReference = fields({
  group: text().optional(),
  kind: text().optional(),
  name: text('name is required'),
  namespace: text().optional(),
  port: integer(1, 65535).optional(),
  weight: int32().min(0).max(1_000_000).optional(),
});

const RouteRule = fields({
  name: text().optional(),
  backendRefs: list(BackendReference, 'backendRefs is required'),
});

const ROUTE = {
  parentRefs: list(ParentReference).optional(),
  useDefaultGateways: text().optional(),
  rules: list(RouteRule, 'rules is required'),
};

export const TCPRouteSpec = fields(ROUTE);
export const TLSRouteSpec = fields({ ...ROUTE, hostnames: texts().optional() });

export const ReferenceGrantSpec = fields({
  from: list(
    fields({
      group: text('group is required'),
      kind: text('kind is required'),
      namespace: text('namespace is required'),
    }),
  ),
  to: list(fields({ group: text('group is required'), kind: text('kind is required'), name: text().optional() })),
});

export const GatewayClassSpec = fields({
  controllerName: text('controllerName is required'),
  parametersRef: ObjectReference.optional(),
  description: text().optional(),
});

export type KubernetesGatewaySpec = Readable<z.infer<typeof KubernetesGatewaySpec>>;
export type KubernetesListener = KubernetesGatewaySpec['listeners'][number];
export type TCPRouteSpec = Readable<z.infer<typeof TCPRouteSpec>>;
export type TLSRouteSpec = Readable<z.infer<typeof TLSRouteSpec>>;
export type ParentReference = Readable<z.infer<typeof ParentReference>>;
export type BackendReference = Readable<z.infer<typeof BackendReference>>;
export type ReferenceGrantSpec = Readable<z.infer<typeof ReferenceGrantSpec>>;
export type GatewayClassSpec = Readable<z.infer<typeof GatewayClassSpec>>;
