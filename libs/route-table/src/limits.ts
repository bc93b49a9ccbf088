// The bounds of a table. What lies beyond is refused when the table is written, never met when it is read.

/** Listeners of one acceptor; every port of one address fits, and a few addresses more. */
export const MAX_LISTENERS = 262_144;
/** Chains, rules, clusters, policies, conditions: each index stays far from the 31 bits it has. */
export const MAX_RECORDS = 4_194_304;
/** Distinct endpoints, and cluster memberships of endpoints. */
export const MAX_ENDPOINTS = 4_194_304;
/** Boundaries in all prefix indexes of one family: a leaf slot has 27 bits for the place of its first. */
export const MAX_BOUNDARIES = 1 << 27;
/** Destinations of a route: random * count must stay exact in a double (2^32 * 2^16 < 2^53). */
export const MAX_DESTINATIONS = 65_536;
/** A destination's weight (Istio's field is an int32). */
export const MAX_WEIGHT = 0x7fff_ffff;
/** A server name, in characters (RFC 1035, section 2.3.4: 255 octets). */
export const MAX_NAME_CHARS = 255;
/** Units of 16 bytes of all names' tails together: a cell has 23 bits for its tail's place. */
export const MAX_TAIL_UNITS = 1 << 23;
/** Labels of a server name: 127 of one character with their dots fill 253. */
export const MAX_NAME_LABELS = 127;
/** An ALPN protocol's name, in characters (RFC 7301, section 3.1: one length octet). */
export const MAX_PROTOCOL_CHARS = 255;
/** Protocols looked at in one ClientHello; browsers offer 2 to 4, the rest of a longer list is not looked at. */
export const MAX_OFFERED_PROTOCOLS = 32;
/** The whole table: section offsets are signed 32-bit byte offsets. */
export const MAX_TABLE_BYTES = 0x7fff_fff8;
