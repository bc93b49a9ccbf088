// Ending TLS, as the seam has it: what it is ended with, and what came of a handshake. Types only.

/** What TLS is ended with. Certificates, keys and lists are PEM. */
export interface TlsTerms {
  /** At least one, at most one for each kind of key; the private key fits the first certificate of `certificate`. */
  readonly certificates: readonly { readonly certificate: string; readonly privateKey: string }[];
  /** Whether clients are asked for a certificate, and must have one. */
  readonly clients: 'none' | 'optional' | 'required';
  /** False: a client's certificate is taken whoever signed it. */
  readonly verifiesClients: boolean;
  /** '' = none. */
  readonly clientAuthorities: string;
  /** '' = none; with one, every authority of a client's certificate needs its list. */
  readonly revocations: string;
  /** Subject alternative names, of which a client's certificate needs one; empty: any. */
  readonly clientNames: readonly string[];
  /** Base64 of SHA-256 of a key's SPKI, and SHA-256 of a certificate in hex; one of either suffices, both empty: any. */
  readonly clientKeys: readonly string[];
  readonly clientCertificates: readonly string[];
  readonly minVersion: TlsVersion;
  readonly maxVersion: TlsVersion;
  /** OpenSSL's names for TLS 1.2 and below; empty = the engine's own. */
  readonly cipherSuites: readonly string[];
}

export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

/** Terms made ready for any number of handshakes; belongs to the engine and thread that made it. */
export interface TlsContext {
  readonly engine: 'node';
}

/** A finished handshake. */
export interface Secured {
  /** `TLSv1.3`. */
  readonly version: string;
  /** The standard's name, `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string;
  /** Whether the client continued an earlier session. */
  readonly resumed: boolean;
}
