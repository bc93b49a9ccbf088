// The life of one session as a state machine without I/O: it is told what happened and answers what to do next. Payload
// never passes through it. The life: (PROXY header) -> (ClientHello) -> match -> (end TLS) -> authorize -> pick -> connect -> relay.
import {
  ALLOWED,
  authorize,
  clearFacts,
  type Facts,
  inspectsTls,
  match,
  pickDestination,
  policyName,
  routeIdleTimeoutMs,
  routeMaxDurationMs,
  routeTls,
  setDestination,
  setHello,
  setNoHello,
  setRemote,
  setSource,
} from '@sluice/route-table';
import { enter, type Live, leave } from '@sluice/upstream';
import type { ClientHello } from '@sluice/wire';
import { HelloLook, type Look, ProxyLook } from './first-bytes.ts';
import type { Outcome } from './outcome.ts';
import { prefaceFor } from './preface.ts';
import type { SessionSettings } from './settings.ts';
import type { Trust } from './trust.ts';
import type { Upstream, UpstreamEndpoint, Version } from './version.ts';

/** What all sessions of a worker share. */
export interface SessionScope {
  readonly settings: SessionSettings;
  readonly trustsProxy: Trust;
  readonly live: Live;
  readonly worker: number;
  /** Used by one session at a time, within one call. */
  readonly facts: Facts;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

export interface Addresses {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/** What is to be done next; the answer to it is the method named beside it. */
export type Step =
  /** -> peeked */
  | {
      readonly kind: 'peek';
      readonly bytes: number;
      readonly deadlineMs: number;
      readonly look: (bytes: Uint8Array, ended: boolean) => Look;
    }
  /** -> discarded */
  | { readonly kind: 'discard'; readonly bytes: number }
  /** End TLS: -> secured or secureFailed */
  | { readonly kind: 'secure'; readonly context: unknown; readonly deadlineMs: number }
  /** -> dialed or dialFailed */
  | { readonly kind: 'dial'; readonly endpoint: UpstreamEndpoint; readonly policy: Upstream['policy'] }
  /** -> ended, with what came of it */
  | {
      readonly kind: 'relay';
      readonly preface: Uint8Array | null;
      readonly idleMs: number;
      readonly halfCloseMs: number;
      readonly maxDurationMs: number;
      readonly closeMs: number;
    }
  /** Reset the client; -> ended */
  | { readonly kind: 'refuse'; readonly outcome: Outcome }
  /** The client's end is closed already; -> ended */
  | { readonly kind: 'gone'; readonly outcome: Outcome };

/** What a TLS handshake came to. */
export interface SecuredWith {
  /** `TLSv1.3`. */
  readonly version: string;
  readonly cipher: string;
  readonly resumed: boolean;
}

const numberSpan = 2 ** 32;

export class Session {
  readonly version: Version;
  readonly listener: number;
  readonly addresses: Addresses;
  /** The client a PROXY header named, else the socket's peer. */
  client: { readonly address: string; readonly port: number };
  hello: ClientHello | null = null;
  route = -1;
  /** Null where TLS was not ended here. */
  tls: SecuredWith | null = null;
  /** Why TLS could not be ended; '' = it was not tried, or could. */
  tlsError = '';
  upstream: Upstream | null = null;
  endpoint: UpstreamEndpoint | null = null;
  attempts = 0;
  /** Why the last endpoint tried could not be connected to; '' = none failed. */
  connectError = '';
  /** The policy that refused it; '' = none. */
  policy = '';
  readonly #scope: SessionScope;
  readonly #tried: number[] = [];
  #proxyLook: ProxyLook | null = null;
  #helloLook: HelloLook | null = null;
  /** Whether `endpoint` is counted as having this session. */
  #counted = false;

  /** `listener`: its index in the version's table, or -1 where the version has none such. */
  constructor(scope: SessionScope, version: Version, listener: number, addresses: Addresses) {
    this.#scope = scope;
    this.version = version;
    this.listener = listener;
    this.addresses = addresses;
    this.client = { address: addresses.remoteAddress, port: addresses.remotePort };
  }

  begin(): Step {
    if (this.listener < 0) return refuse('no-listener');
    if (this.#scope.trustsProxy(this.addresses.remoteAddress)) {
      const look = new ProxyLook();
      this.#proxyLook = look;
      return this.#peek(ProxyLook.maxBytes, (bytes, ended) => look.look(bytes, ended));
    }
    return this.#helloOrRoute();
  }

  peeked(how: 'enough' | 'full' | 'closed' | 'timeout'): Step {
    if (how === 'timeout') return refuse('first-bytes-timeout');
    if (this.#helloLook !== null) {
      this.hello = this.#helloLook.hello;
      if (how === 'closed' && this.hello === null) return refuse('downstream-left');
      return this.#follow();
    }
    const proxy = this.#proxyLook as ProxyLook;
    if (proxy.header === null) return refuse(how === 'closed' ? 'downstream-left' : 'bad-proxy-header');
    this.client = proxy.client() ?? this.client;
    return { kind: 'discard', bytes: proxy.consumedBytes };
  }

  discarded(): Step {
    return this.#helloOrRoute();
  }

  /** What follows is judged after the handshake, as Istio does it. */
  secured(tls: SecuredWith): Step {
    this.tls = tls;
    this.#fill(this.#scope.facts);
    return this.#admit();
  }

  /** The client's end is closed already. */
  secureFailed(code: string, message: string): Step {
    this.tlsError = message;
    if (code === 'timeout') return { kind: 'gone', outcome: 'handshake-timeout' };
    return { kind: 'gone', outcome: code === 'reset' ? 'downstream-left' : 'handshake-failed' };
  }

  dialed(): Step {
    const { table } = this.version;
    const upstream = this.upstream as Upstream;
    return {
      kind: 'relay',
      preface: prefaceFor(upstream.policy.proxyProtocol, this.client, this.addresses),
      idleMs: routeIdleTimeoutMs(table, this.route),
      halfCloseMs: this.#scope.settings.halfCloseMs,
      maxDurationMs: routeMaxDurationMs(table, this.route),
      closeMs: this.#scope.settings.closeMs,
    };
  }

  /** Tries another endpoint while there are any and attempts are left. */
  dialFailed(error: string): Step {
    this.connectError = error;
    this.#leaveEndpoint();
    return this.#dial();
  }

  /** Always the last call: what was counted for the session is given back. */
  ended(): void {
    this.#leaveEndpoint();
    if (this.upstream !== null) leave(this.#scope.live, this.#scope.worker, this.upstream.slot);
    this.upstream = null;
  }

  /** '' where the version has no such listener. */
  listenerName(): string {
    return this.listener < 0 ? '' : this.version.listenerName(this.listener);
  }

  /** '' before one was found. */
  routeName(): string {
    return this.route < 0 ? '' : this.version.routeName(this.route);
  }

  #helloOrRoute(): Step {
    if (!inspectsTls(this.version.table, this.listener)) return this.#follow();
    const look = new HelloLook();
    this.#helloLook = look;
    return this.#peek(HelloLook.maxBytes, (bytes, ended) => look.look(bytes, ended));
  }

  #peek(bytes: number, look: (bytes: Uint8Array, ended: boolean) => Look): Step {
    return { kind: 'peek', bytes, deadlineMs: this.#scope.settings.firstBytesDeadlineMs, look };
  }

  #follow(): Step {
    const { facts } = this.#scope;
    const { table } = this.version;
    this.#fill(facts);
    const route = match(table, this.listener, facts);
    if (route < 0) return refuse('no-route');
    this.route = route;
    const tls = routeTls(table, route);
    return tls < 0 ? this.#admit() : this.#secure(tls);
  }

  #secure(tls: number): Step {
    const { context, refusal } = this.version.ending(tls);
    this.tlsError = refusal;
    if (refusal !== '') return refuse('no-certificate');
    return { kind: 'secure', context, deadlineMs: this.#scope.settings.handshakeDeadlineMs };
  }

  /** Of what `facts` hold. */
  #admit(): Step {
    const { facts, random, live, worker } = this.#scope;
    const { table } = this.version;
    const { route } = this;
    const verdict = authorize(table, this.listener, facts);
    if (verdict !== ALLOWED) {
      this.policy = verdict >= 0 ? policyName(table, verdict) : 'no allow policy matches';
      return refuse('denied');
    }
    const upstream = this.version.upstream(pickDestination(table, route, Math.floor(random() * numberSpan)));
    if (!enter(live, worker, upstream.slot, upstream.policy.maxConnections)) return refuse('overflow');
    this.upstream = upstream;
    return this.#dial();
  }

  #fill(facts: Facts): void {
    const { localAddress, localPort, remoteAddress } = this.addresses;
    clearFacts(facts);
    setSource(facts, remoteAddress);
    if (this.client.address !== remoteAddress) setRemote(facts, this.client.address);
    setDestination(facts, localAddress, localPort);
    if (this.hello === null) setNoHello(facts);
    else setHello(facts, this.hello.serverName ?? '', this.hello.alpn);
  }

  #dial(): Step {
    const upstream = this.upstream as Upstream;
    if (this.attempts >= this.#scope.settings.connectAttempts) return refuse('connect-failed');
    const n = upstream.pick(this.client.address, this.#tried, upstream.position);
    if (n < 0) return refuse(this.attempts === 0 ? 'no-endpoint' : 'connect-failed');
    this.#tried.push(n);
    this.attempts++;
    this.endpoint = upstream.endpoint(n);
    enter(this.#scope.live, this.#scope.worker, this.endpoint.slot, 0);
    this.#counted = true;
    return { kind: 'dial', endpoint: this.endpoint, policy: upstream.policy };
  }

  #leaveEndpoint(): void {
    if (!this.#counted || this.endpoint === null) return;
    this.#counted = false;
    leave(this.#scope.live, this.#scope.worker, this.endpoint.slot);
  }
}

function refuse(outcome: Outcome): Step {
  return { kind: 'refuse', outcome };
}
