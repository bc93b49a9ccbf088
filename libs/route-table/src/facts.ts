// What is known of one connection, in a form that look-ups read without making anything. One is made per worker and used
// for every connection in turn; connection.ts fills it.

import { MAX_NAME_CHARS, MAX_OFFERED_PROTOCOLS, MAX_PROTOCOL_CHARS } from './limits.ts';
import { type TextBytes, textWords } from './name-text.ts';

/** Places in `addresses` (four words each) and `families`. */
export const SOURCE = 0;
export const REMOTE = 1;
export const DESTINATION_ADDRESS = 2;
/** Place in `addresses` of the destination port, which is looked up like an address. */
export const PORT_KEY = 12;

/** Places in `state`. */
export const STATE = {
  /** 1: the ClientHello was read, or there will be none. */
  helloKnown: 0,
  /** Characters of the server name; 0 = none given. */
  nameChars: 1,
  nameHash: 2,
  protocols: 3,
} as const;

/** The length of a name longer than any in a table: it is there, and only `*` matches it. */
export const NAME_TOO_LONG = MAX_NAME_CHARS + 1;
/** The words of a name end with the last, wherever they begin. */
const NAME_WORDS = textWords(MAX_NAME_CHARS);
export const NAME_LAST = NAME_WORDS - 1;
export const NAME_BYTES = NAME_WORDS * 4;
export const PROTOCOL_WORDS = textWords(MAX_PROTOCOL_CHARS);

/** Reusable; changed only by connection.ts and server-name.ts. */
export interface Facts {
  readonly addresses: Int32Array;
  /** 4, 6 or 0 (unknown, or a Unix socket) for each address. */
  readonly families: Uint8Array;
  readonly state: Int32Array;
  /** The server name in lower case, as name-text.ts says, and the same as bytes. */
  readonly name: Int32Array;
  readonly nameBytes: TextBytes;
  /** The hash, not yet ended, of the words behind each word of the name; by words, the last is 0. */
  readonly partHashes: Int32Array;
  /** The offered protocols, written like names, each in PROTOCOL_WORDS; their characters and hashes. */
  readonly protocols: Int32Array;
  readonly protocolChars: Uint8Array;
  readonly protocolHashes: Int32Array;
}

export function createFacts(): Facts {
  const name = new Int32Array(NAME_WORDS);
  return {
    addresses: new Int32Array(PORT_KEY + 1),
    families: new Uint8Array(3),
    state: new Int32Array(4),
    name,
    nameBytes: Buffer.from(name.buffer) as TextBytes,
    partHashes: new Int32Array(NAME_WORDS),
    protocols: new Int32Array(MAX_OFFERED_PROTOCOLS * PROTOCOL_WORDS),
    protocolChars: new Uint8Array(MAX_OFFERED_PROTOCOLS),
    protocolHashes: new Int32Array(MAX_OFFERED_PROTOCOLS),
  };
}
