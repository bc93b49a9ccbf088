// The key of a resource from how people name it.
import type { Kind, ResourceKey } from '@sluice/resource';
import { InvalidArgumentError } from 'commander';

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

/** A kind in any case. */
export function parseKind(text: string): Kind {
  const known = (Object.keys(KINDS) as Kind[]).find((each) => each.toLowerCase() === text.toLowerCase());
  if (known === undefined) throw new InvalidArgumentError(`must be one of ${Object.keys(KINDS).join(', ')}.`);
  return known;
}

/** `tcp-echo` or `default/tcp-echo`: the namespace is `default` where none is said. */
export function resourceKey(kind: Kind, name: string): ResourceKey {
  if (kind === 'GatewayClass') return `${kind}//${name.replace(/^\//, '')}`;
  return `${kind}/${name.includes('/') ? name : `default/${name}`}`;
}
