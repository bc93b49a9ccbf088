// Writes down what becomes known of a connection. Runs for every connection: no object is made.

import { parseAddress } from './address.ts';
import { DESTINATION_ADDRESS, type Facts, PORT_KEY, PROTOCOL_WORDS, REMOTE, SOURCE, STATE } from './facts.ts';
import { MAX_OFFERED_PROTOCOLS, MAX_PROTOCOL_CHARS } from './limits.ts';
import { hashText, writeText } from './name-text.ts';
import { setServerName } from './server-name.ts';

// Constants of this module's own are folded into the code; imported ones are read, and checked, at every use.
const FROM = SOURCE;
const FAR = REMOTE;
const PROTOCOL = PROTOCOL_WORDS;
const MAX_OFFERED = MAX_OFFERED_PROTOCOLS;
const MAX_CHARS = MAX_PROTOCOL_CHARS;
const { helloKnown: HELLO_KNOWN, nameChars: NAME_CHARS, protocols: PROTOCOLS } = STATE;

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
  const known = setAddress(facts, FROM, address);
  for (let word = 0; word < 4; word++) facts.addresses[FAR * 4 + word] = facts.addresses[FROM * 4 + word];
  facts.families[FAR] = facts.families[FROM];
  return known;
}

/** The client's address as a PROXY header gave it. */
export function setRemote(facts: Facts, address: string): boolean {
  return setAddress(facts, FAR, address);
}

/** Where the client connected to; port 0..65535. */
export function setDestination(facts: Facts, address: string, port: number): boolean {
  facts.addresses[PORT_KEY] = port;
  return setAddress(facts, DESTINATION_ADDRESS, address);
}

function setAddress(facts: Facts, which: number, address: string): boolean {
  const family = parseAddress(address, facts.addresses, which * 4);
  facts.families[which] = family;
  return family !== 0;
}

/** No ClientHello will come: not TLS, or the client ended or waited too long. Same as one without name and protocols. */
export function setNoHello(facts: Facts): void {
  facts.state[HELLO_KNOWN] = 1;
  facts.state[NAME_CHARS] = 0;
  facts.state[PROTOCOLS] = 0;
}

/**
 * What the ClientHello says, each character for one byte (U+0000 to U+00FF). `serverName` in any case, '' = none; a name
 * over 255 characters is matched by `*` alone. Of `protocols` the first 32 count, and of those the ones of 1 to 255 characters.
 */
export function setHello(facts: Facts, serverName: string, protocols: readonly string[]): void {
  facts.state[HELLO_KNOWN] = 1;
  setServerName(facts, serverName);
  setProtocols(facts, protocols);
}

function setProtocols(facts: Facts, protocols: readonly string[]): void {
  const offered = Math.min(protocols.length, MAX_OFFERED);
  let count = 0;
  for (let p = 0; p < offered; p++) {
    const protocol = protocols[p];
    if (protocol.length === 0 || protocol.length > MAX_CHARS) continue;
    const last = count * PROTOCOL + PROTOCOL - 1;
    writeText(protocol, facts.protocols, last);
    facts.protocolChars[count] = protocol.length;
    facts.protocolHashes[count] = hashText(facts.protocols, last, protocol.length, false);
    count++;
  }
  facts.state[PROTOCOLS] = count;
}
