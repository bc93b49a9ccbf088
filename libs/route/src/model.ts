// What Istio's kinds and the Gateway API's kinds have in common once their own words are gone: gateways with their
// servers, and route sources with their entries. Plain data; says nothing of how it is read or used.
import type { FieldPath, ResourceKey, ScopedHost, ServerTls } from '@sluice/resource';
import type { Labels } from './label.ts';

/**
 * What a server does with a connection, from its protocol and TLS mode. `terminate` ends TLS with a certificate of its own;
 * `foreign-tls` would end it in a way that Sluice does not know (ISTIO_MUTUAL, listeners of the Gateway API).
 */
export type ServerKind =
  | 'tcp'
  | 'passthrough'
  | 'auto-passthrough'
  | 'terminate'
  | 'foreign-tls'
  | 'http'
  | 'https'
  | 'udp';

/** One port of a gateway. */
export interface Server {
  readonly gateway: EdgeGateway;
  readonly path: FieldPath;
  /** 1..65535; 0 with a unix bind. */
  readonly port: number;
  /** '' = the acceptor's default address. */
  readonly bind: string;
  /** As written, such as `TCP` or `https`. */
  readonly protocol: string;
  readonly kind: ServerKind;
  readonly hosts: readonly ScopedHost[];
  /** Of a server that ends TLS. */
  readonly tls?: ServerTls;
  /** What it presents, of a listener of the Gateway API; otherwise `tls` names it. */
  readonly credentials?: readonly Credential[];
}

/** A Secret that a listener of the Gateway API refers to. */
export interface Credential {
  readonly namespace: string;
  readonly name: string;
  /** Why it may not be used; '' = it may. */
  readonly refused: string;
  /** Why the Secret with its clients' authorities may not be; '' = it may. */
  readonly refusedAuthorities: string;
}

const AUTHORITIES_SUFFIX = '-cacert';

/** The Secret beside a credential that has its clients' authorities; it goes before what the credential itself holds of them. */
export function authoritiesOf(credential: string): string {
  return credential.endsWith(AUTHORITIES_SUFFIX) ? credential : `${credential}${AUTHORITIES_SUFFIX}`;
}

/** A server of kind `terminate`. */
export interface TlsServer extends Server {
  readonly tls: ServerTls;
}

export function endsTls(server: Server): server is TlsServer {
  return server.kind === 'terminate';
}

/** A Gateway of either kind. */
export interface EdgeGateway {
  readonly key: ResourceKey;
  /** `namespace/name`. */
  readonly id: string;
  /** How route sources name it; unique over both kinds. */
  readonly reference: string;
  readonly namespace: string;
  readonly servers: readonly Server[];
}

/** Rules bound to gateways: a VirtualService, a TCPRoute or a TLSRoute. */
export interface RouteSource {
  readonly key: ResourceKey;
  readonly id: string;
  readonly namespace: string;
  /** Full names in lower case. */
  readonly hosts: readonly string[];
  /** References of gateways, each once; `mesh` is left out. */
  readonly gateways: readonly string[];
  readonly tcp: readonly RouteEntry[];
  readonly tls: readonly RouteEntry[];
  /** Whether it has rules for HTTP, which no listener follows. */
  readonly http: boolean;
}

/** One rule: any of its matches leads to its destinations. */
export interface RouteEntry {
  /** `namespace/virtualservice/tcp[0]`. */
  readonly name: string;
  readonly path: FieldPath;
  /** At least one; one without conditions matches everything. */
  readonly matches: readonly RouteMatch[];
  readonly destinations: readonly RouteDestination[];
}

/** Conditions are ANDed; what is absent or empty does not narrow. */
export interface RouteMatch {
  readonly path: FieldPath;
  readonly port?: number;
  /** References of gateways. */
  readonly gateways?: readonly string[];
  /** TLS only: exact names, `*.suffix`, `*`, in lower case. */
  readonly names: readonly string[];
  readonly destinationSubnets?: readonly string[];
  readonly sourceSubnet?: string;
  readonly sourceLabels?: Labels;
  readonly sourceNamespace?: string;
  readonly alpn?: readonly string[];
}

export interface RouteDestination {
  readonly path: FieldPath;
  /** Full name in lower case; '' where the reference is not allowed and connections must fail. */
  readonly host: string;
  readonly subset: string;
  readonly port: number | undefined;
  readonly weight: number;
}
