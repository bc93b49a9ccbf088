// What a session waits for before it can choose a route: a PROXY header, a ClientHello. Bytes in, facts out; no socket.
import {
  addressText,
  type ClientHello,
  type ClientHelloVerdict,
  inspectClientHello,
  MAX_CLIENT_HELLO_BYTES,
  MAX_PROXY_V2_BYTES,
  type ProxyHeader,
  readProxyHeader,
} from '@sluice/wire';

export type Look = 'enough' | 'more';

/** Reads a required PROXY header as bytes come. */
export class ProxyLook {
  static readonly maxBytes = MAX_PROXY_V2_BYTES;
  header: ProxyHeader | null = null;
  consumedBytes = 0;
  #atLeastBytes = 1;

  look(bytes: Uint8Array, ended: boolean): Look {
    if (bytes.length < this.#atLeastBytes && !ended) return 'more';
    const verdict = readProxyHeader(bytes, ended);
    if (verdict.kind === 'need-more') {
      this.#atLeastBytes = verdict.atLeastBytes;
      return 'more';
    }
    if (verdict.kind === 'done') {
      this.header = verdict.header;
      this.consumedBytes = verdict.consumedBytes;
    }
    return 'enough';
  }

  /** The client the header speaks for; null where it speaks for none (LOCAL, UNKNOWN, unix). */
  client(): { readonly address: string; readonly port: number } | null {
    const { header } = this;
    if (header === null || !('source' in header) || !('address' in header.source)) return null;
    return { address: addressText(header.source.address), port: header.source.port };
  }
}

/** Reads a ClientHello as bytes come; bytes that are none, or a broken one, count as "no hello", as Envoy has it. */
export class HelloLook {
  static readonly maxBytes = MAX_CLIENT_HELLO_BYTES;
  hello: ClientHello | null = null;
  #verdict: ClientHelloVerdict | undefined;

  look(bytes: Uint8Array, ended: boolean): Look {
    const verdict = inspectClientHello(bytes, ended, this.#verdict);
    this.#verdict = verdict;
    if (verdict.kind === 'need-more') return 'more';
    if (verdict.kind === 'done') this.hello = verdict.hello;
    return 'enough';
  }
}
