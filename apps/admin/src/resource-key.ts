// The key of a resource from how people name it.
import type { Kind, ResourceKey } from '@sluice/resource';

const KINDS: Readonly<Record<Kind, true>> = {
  Gateway: true,
  VirtualService: true,
  DestinationRule: true,
  ServiceEntry: true,
  WorkloadEntry: true,
  AuthorizationPolicy: true,
  Service: true,
  EndpointSlice: true,
  Secret: true,
  KubernetesGateway: true,
  TCPRoute: true,
  TLSRoute: true,
  ReferenceGrant: true,
  GatewayClass: true,
};

/** `virtualservice`, `tcp-echo` or `default/tcp-echo`: the kind in any case, the namespace `default` where none is said. */
export function resourceKey(kind: string, name: string): ResourceKey {
  const known = Object.keys(KINDS).find((each) => each.toLowerCase() === kind.toLowerCase()) ?? kind;
  if (known === ('GatewayClass' satisfies Kind)) return `${known}//${name.replace(/^\//, '')}`;
  return `${known}/${name.includes('/') ? name : `default/${name}`}`;
}
