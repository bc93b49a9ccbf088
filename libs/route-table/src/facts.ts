// What is known of one connection, in a form that look-ups read without making anything. One is made per worker and used
// for every connection in turn.

import { parseAddress } from './address.ts';
import { MAX_NAME_CHARS, MAX_NAME_LABELS, MAX_OFFERED_PROTOCOLS, MAX_PROTOCOL_CHARS } from './limits.ts';
import { HASH_START, hashFinish, hashStep } from './name-hash.ts';

const DOT = 46;
/** The length of a name longer than any in a table: it is there, and only `*` matches it. */
export const NAME_TOO_LONG = MAX_NAME_CHARS + 1;

/** Places in `addresses` (four words each) and `families`. */
export const SOURCE = 0;
export const REMOTE = 1;
export const DESTINATION_ADDRESS = 2;

/** Places in `state`. */
export const STATE = {
  /** Destination port. */
  port: 0,
  /** 1: the ClientHello was read, or there will be none. */
  helloKnown: 1,
  /** Characters of the server name; 0 = none given. */
  nameChars: 2,
  nameHash: 3,
  /** Suffixes that begin after a dot of the name. */
  suffixes: 4,
  protocols: 5,
} as const;

/** Reusable; changed only by the functions of this file. */
export interface Facts {
  readonly addresses: Uint32Array;
  /** 4, 6 or 0 (unknown, or a Unix socket) for each address. */
  readonly families: Uint8Array;
  readonly state: Int32Array;
  /** The server name's UTF-16 code units, in lower case. */
  readonly name: Uint16Array;
  /** Where the suffix of n + 1 labels begins, and its hash; the shortest first. */
  readonly suffixStarts: Uint8Array;
  readonly suffixHashes: Int32Array;
  /** All offered protocols one after the other; where each ends, and its hash. */
  readonly protocols: Uint16Array;
  readonly protocolEnds: Int32Array;
  readonly protocolHashes: Int32Array;
}

export function createFacts(): Facts {
  return {
    addresses: new Uint32Array(12),
    families: new Uint8Array(3),
    state: new Int32Array(6),
    name: new Uint16Array(MAX_NAME_CHARS),
    suffixStarts: new Uint8Array(MAX_NAME_LABELS),
    suffixHashes: new Int32Array(MAX_NAME_LABELS),
    protocols: new Uint16Array(MAX_OFFERED_PROTOCOLS * MAX_PROTOCOL_CHARS),
    protocolEnds: new Int32Array(MAX_OFFERED_PROTOCOLS),
    protocolHashes: new Int32Array(MAX_OFFERED_PROTOCOLS),
  };
}

/** Begins another connection: nothing is known. */
export function clearFacts(facts: Facts): void {
  facts.addresses.fill(0);
  facts.families.fill(0);
  facts.state.fill(0);
}

/**
 * The socket's peer, which is also the client until `setRemote` says otherwise. Textual, IPv4 or IPv6, a zone is left aside;
 * IPv4-mapped IPv6 counts as IPv4. False where it is no address: no CIDR matches it then.
 */
export function setSource(facts: Facts, address: string): boolean {
  const known = setAddress(facts, SOURCE, address);
  facts.addresses.copyWithin(REMOTE * 4, SOURCE * 4, SOURCE * 4 + 4);
  facts.families[REMOTE] = facts.families[SOURCE];
  return known;
}

/** The client's address as a PROXY header gave it. */
export function setRemote(facts: Facts, address: string): boolean {
  return setAddress(facts, REMOTE, address);
}

/** Where the client connected to; port 0..65535. */
export function setDestination(facts: Facts, address: string, port: number): boolean {
  facts.state[STATE.port] = port;
  return setAddress(facts, DESTINATION_ADDRESS, address);
}

function setAddress(facts: Facts, which: number, address: string): boolean {
  const family = parseAddress(address, facts.addresses, which * 4);
  facts.families[which] = family;
  return family !== 0;
}

/** No ClientHello will come: not TLS, or the client ended or waited too long. Same as one without name and protocols. */
export function setNoHello(facts: Facts): void {
  facts.state[STATE.helloKnown] = 1;
  facts.state[STATE.nameChars] = 0;
  facts.state[STATE.suffixes] = 0;
  facts.state[STATE.protocols] = 0;
}

/**
 * What the ClientHello says. `serverName` in any case, '' = none; a name over 255 characters is matched by `*` alone. Of
 * `protocols` the first 32 count, and of those the ones of at most 255 characters.
 */
export function setHello(facts: Facts, serverName: string, protocols: readonly string[]): void {
  facts.state[STATE.helloKnown] = 1;
  setServerName(facts, serverName);
  setProtocols(facts, protocols);
}

function setServerName(facts: Facts, serverName: string): void {
  const { state, name, suffixStarts, suffixHashes } = facts;
  const chars = serverName.length;
  state[STATE.suffixes] = 0;
  if (chars > MAX_NAME_CHARS) {
    state[STATE.nameChars] = NAME_TOO_LONG;
    return;
  }
  let hash = HASH_START;
  let suffixes = 0;
  for (let i = chars - 1; i >= 0; i--) {
    let code = serverName.charCodeAt(i);
    if (code >= 65 && code <= 90) code |= 32;
    if (code === DOT && suffixes < MAX_NAME_LABELS && i > 0) {
      suffixStarts[suffixes] = i + 1;
      suffixHashes[suffixes++] = hashFinish(hash, true);
    }
    name[i] = code;
    hash = hashStep(hash, code);
  }
  state[STATE.nameChars] = chars;
  state[STATE.nameHash] = hashFinish(hash, false);
  state[STATE.suffixes] = suffixes;
}

function setProtocols(facts: Facts, protocols: readonly string[]): void {
  const offered = Math.min(protocols.length, MAX_OFFERED_PROTOCOLS);
  let count = 0;
  let end = 0;
  for (let p = 0; p < offered; p++) {
    const protocol = protocols[p];
    if (protocol.length > MAX_PROTOCOL_CHARS) continue;
    let hash = HASH_START;
    for (let i = protocol.length - 1; i >= 0; i--) {
      const code = protocol.charCodeAt(i);
      facts.protocols[end + i] = code;
      hash = hashStep(hash, code);
    }
    end += protocol.length;
    facts.protocolEnds[count] = end;
    facts.protocolHashes[count++] = hashFinish(hash, false);
  }
  facts.state[STATE.protocols] = count;
}
