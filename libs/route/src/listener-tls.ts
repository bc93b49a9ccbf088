// How a listener of the Gateway API ends TLS: the mode, and the Secrets it presents, which a ReferenceGrant must allow where
// they are in another namespace. Follows Istio's conversion (`pilot/pkg/config/kube/gateway`: `buildTLS`).
import type { KubernetesGateway, KubernetesListener, ServerTls } from '@sluice/resource';
import { type GrantIndex, isGranted } from './backend-reference.ts';
import { authoritiesOf, type Credential, type Server } from './model.ts';

/** Istio's option for what the API has no field for. */
const MODE_OPTION = 'gateway.istio.io/tls-terminate-mode';

export type ListenerTls = Pick<Server, 'kind' | 'tls' | 'credentials'>;

/** A TLS listener that does not say Passthrough. */
export function readListenerTls(
  gateway: KubernetesGateway,
  { tls = {} }: KubernetesListener,
  grants: GrantIndex,
): ListenerTls {
  const mode = modeOf(tls);
  // Whoever asks for client certificates must not be served without: neither field is followed here.
  if (mode === undefined || tls.frontendValidation !== undefined || gateway.spec.tls?.['frontend'] !== undefined)
    return { kind: 'foreign-tls' };
  const credentials = (tls.certificateRefs ?? []).map((reference) => readCredential(gateway, reference, grants));
  return { kind: 'terminate', tls: { mode }, credentials };
}

/** Undefined where certificates are those of a mesh. */
function modeOf({ options = {} }: NonNullable<KubernetesListener['tls']>): ServerTls['mode'] | undefined {
  const mode = Object.hasOwn(options, MODE_OPTION) ? options[MODE_OPTION] : undefined;
  if (mode === 'MUTUAL') return 'MUTUAL';
  return mode === 'ISTIO_MUTUAL' || mode === 'ISTIO_SIMPLE' ? undefined : 'SIMPLE';
}

type Reference = NonNullable<NonNullable<KubernetesListener['tls']>['certificateRefs']>[number];

/** Istio asks for the grant of each Secret by its own name (`SecretAllowed`), that of the authorities included. */
function readCredential(gateway: KubernetesGateway, reference: Reference, grants: GrantIndex): Credential {
  const own = gateway.metadata.namespace;
  const { group = '', kind = 'Secret', name, namespace = own } = reference;
  if (group !== '' || kind !== 'Secret') {
    const refused = `certificate reference ${name} is no Secret`;
    return { namespace, name, refused, refusedAuthorities: refused };
  }
  const refusal = (secret: string) =>
    namespace === own ||
    isGranted(grants, { kind: 'Gateway', namespace: own }, { group, kind, name: secret, namespace })
      ? ''
      : `no ReferenceGrant in namespace ${namespace} allows Secret ${secret} to Gateways of namespace ${own}`;
  return { namespace, name, refused: refusal(name), refusedAuthorities: refusal(authoritiesOf(name)) };
}
