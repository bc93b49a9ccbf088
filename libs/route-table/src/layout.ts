// Where everything lies in a table's buffer. A change of anything here is a new LAYOUT_VERSION.
// All words are 32 bits in the machine's order (a table never leaves its machine); only the string blob is bytes.
// A table written by encode.ts lies in one buffer behind a header; one that edit.ts made has the same sections in buffers of
// their own, no header, and records that no longer count: chains without an owner, clusters that are gone, and what only
// they lead to.

/** "SLRT". */
export const MAGIC = 0x534c_5254;
export const LAYOUT_VERSION = 8;

/** No rule, no chain, not a member: larger than any index, so that the lowest of several look-ups is the first match. */
export const NO_VALUE = 0x7fff_ffff;

/** The sections in the order in which they lie; `strings` (bytes) is last. */
export const WORD_SECTIONS = [
  'listenerShortcuts',
  'listeners',
  'chains',
  'chainOwners',
  'rules',
  'conditions',
  'policies',
  'policyRules',
  'destinations',
  'clusters',
  'clusterMembers',
  'members',
  'endpoints',
  'nameSets',
  'nameCells',
  'nameTexts',
  'namePatterns',
  'ranges4',
  'ranges6',
  'ranges6Low',
  'nodes',
  'nodeSlots',
  'orderedRules',
  'lists',
  'stringEnds',
] as const;

export type WordSection = (typeof WORD_SECTIONS)[number];

/** Words: magic, layout version, bytes of the whole, checksum of all after the header; then offset and length of each section. */
export const HEADER = { magic: 0, version: 1, bytes: 2, checksum: 3, sections: 4 } as const;
export const HEADER_WORDS = HEADER.sections + 2 * (WORD_SECTIONS.length + 1);

/**
 * One word a listener: what its only chain gives, as a name set does (a chain, ~rule, or NO_VALUE), or BY_NAME where the server name
 * decides. Apart from the listeners, because it is all that a plain port's look-up reads.
 */
export const BY_NAME = NO_VALUE - 1;

export const LISTENER = {
  stride: 9,
  name: 0,
  bind: 1,
  port: 2,
  inspectsTls: 3,
  /** List of strings. */
  gatewaysStart: 4,
  gatewaysCount: 5,
  /** List of policy indexes. */
  policiesStart: 6,
  policiesCount: 7,
  /** No other listener's: chains name their listener by it. */
  nameSet: 8,
} as const;

/** 16 words, of which the last is free: one cache line. */
export const CHAIN = {
  stride: 16,
  namesStart: 0,
  namesCount: 1,
  ruleStart: 2,
  ruleCount: 3,
  /** First rule without conditions, or NO_VALUE. */
  unconditional: 4,
  /** Rules that no index answers, in order. */
  orderedStart: 5,
  orderedCount: 6,
  /** Roots of the prefix indexes of rules whose only condition is one list of the fact. */
  source4: 7,
  source6: 8,
  remote4: 9,
  remote6: 10,
  destination4: 11,
  destination6: 12,
  port: 13,
  /** Which of them there are: bit 0 source, 1 remote, 2 destination, 3 port. */
  indexed: 14,
} as const;
/**
 * `chainOwners`, by chain: the name set of its listener. Those of one listener stand in order. Apart from the chains, for an edit takes chains from
 * their listeners, and copies the section in which it changes a word.
 */
export const NO_OWNER = -1;

/** A rule and its route. Durations are two words, low then high. */
export const RULE = {
  stride: 10,
  name: 0,
  conditionStart: 1,
  conditionCount: 2,
  destinationStart: 3,
  destinationCount: 4,
  idleTimeout: 5,
  maxDuration: 7,
  /** String: what TLS is ended with; or NO_TLS. */
  tls: 9,
} as const;
/** Bytes pass as they come. */
export const NO_TLS = -1;

/** `a` and `b`: roots of the prefix indexes for IPv4 (or ports) and IPv6; `a` alone: name set of server names and protocols. */
export const CONDITION = { stride: 6, kind: 0, flags: 1, listStart: 2, listCount: 3, a: 4, b: 5 } as const;
export const CONDITION_KINDS = ['source', 'remote', 'destination', 'port', 'sni', 'alpn'] as const;
export const KIND_SOURCE = 0;
export const KIND_REMOTE = 1;
export const KIND_DESTINATION = 2;
export const KIND_PORT = 3;
export const KIND_SNI = 4;
export const KIND_ALPN = 5;
export const CONDITION_NOT = 1;
/** The chain's index answers this rule: the condition has no index of its own. */
export const CONDITION_INDEXED = 2;

export const POLICY = { stride: 5, name: 0, action: 1, dryRun: 2, ruleStart: 3, ruleCount: 4 } as const;
export const ACTIONS = ['allow', 'deny', 'audit'] as const;
export const ACTION_ALLOW = 0;
export const ACTION_DENY = 1;
export const ACTION_AUDIT = 2;
export const POLICY_RULE = { stride: 2, conditionStart: 0, conditionCount: 1 } as const;

/** Alias method: column `i` gives `cluster` below `threshold` (of 2^32), else `alias`. */
export const DESTINATION = { stride: 4, cluster: 0, weight: 1, threshold: 2, alias: 3 } as const;

export const CLUSTER = {
  stride: 23,
  name: 0,
  host: 1,
  subset: 2,
  port: 3,
  balancer: 4,
  hashTableSize: 5,
  connectTimeout: 6,
  maxConnections: 8,
  proxyProtocol: 9,
  hasKeepalive: 10,
  keepaliveProbes: 11,
  keepaliveTime: 12,
  keepaliveInterval: 13,
  hasOutlier: 14,
  outlierErrors: 15,
  outlierInterval: 16,
  outlierBaseEjection: 18,
  outlierMaxPercent: 20,
  outlierMinHealth: 21,
  /** 1: no route leads to it any more. */
  gone: 22,
} as const;
/** The members of the cluster with the same index: apart from the rest, which changes far less often than endpoints do. */
export const CLUSTER_MEMBERS = { stride: 2, start: 0, count: 1 } as const;
export const BALANCERS = [
  'round-robin',
  'least-request',
  'random',
  'source-ip-ring',
  'source-ip-maglev',
  'passthrough',
] as const;

export const MEMBER = { stride: 2, endpoint: 0, weight: 1 } as const;
export const ENDPOINT = { stride: 2, address: 0, port: 1 } as const;

/**
 * Names by hash. Of `exactLengths` and `suffixLengths` bit n is set where a name, or a wildcard's suffix, is there whose
 * characters are n modulo 32: most look-ups that would find nothing are not made.
 */
export const NAME_SET = {
  stride: 9,
  cellStart: 0,
  /** Cells - 1, or -1 where there are none. */
  cellMask: 1,
  probeLimit: 2,
  exactLengths: 3,
  suffixLengths: 4,
  /** For a name that nothing more precise matches. */
  anyName: 5,
  noName: 6,
  patternStart: 7,
  patternCount: 8,
} as const;
export const NAME_LENGTHS_MASK = 31;
/**
 * A cell is half a cache line, and all that a look-up reads of a name: nothing leads to it but the hash. `tag`: 8 bits of characters (0 = an empty
 * cell), NAME_SUFFIX for a wildcard's suffix, and above NAME_TAIL_SHIFT the unit of the tail. `value`: NAME_VALUE, signed, and above it the highest
 * bits of the hash, so that nearly every name that is compared is the right one. `text`: the first words of the name, as name-text.ts says.
 */
export const NAME_CELL = { stride: 8, tag: 0, value: 1, text: 2 } as const;
/** Words of a name in its cell, 24 characters. What is longer has its last words, the tail, in `nameTexts`: one for all names that end so. */
export const NAME_CELL_TEXT = 6;
export const NAME_CHARS = 0xff;
export const NAME_SUFFIX = 0x100;
export const NAME_TAIL_SHIFT = 9;
/** Words of `nameTexts`: tails begin at a multiple. */
export const NAME_TAIL_UNIT = 4;
/** A chain or ~rule in 23 bits (MAX_RECORDS). */
export const NAME_VALUE = 0x007f_ffff;
export const NAME_PRINT_SHIFT = 23;
/** `text` is a place in `nameTexts`. */
export const NAME_PATTERN = { stride: 3, kind: 0, text: 1, chars: 2 } as const;
export const PATTERN_PREFIX = 0;
export const PATTERN_SUFFIX = 1;

/**
 * Disjoint ranges by their first key. Each reaches to the next; or, if its value has a size, 2^size keys far, and the gap behind it, where no
 * value is, needs no range of its own: nearly every block is one range, not two. Index 0 of both pools is the empty index.
 * `value`: RANGE4_VALUE are a rule, or all ones for none; above them the size, RANGE4_OPEN for one that reaches to the next.
 */
export const RANGE4 = { stride: 2, key: 0, value: 1 } as const;
export const RANGE4_VALUE = 0x07ff_ffff;
export const RANGE4_SIZE_SHIFT = 27;
export const RANGE4_OPEN = 31;
/**
 * The first half of the key; the second is in `ranges6Low` where the value has RANGE6_HAS_LOW, else 0, as it nearly always is. A size is that
 * of the first half alone: a block narrower than /64 reaches to the next.
 */
export const RANGE6 = { stride: 3, key: 0, value: 2 } as const;
export const RANGE6_LOW = { stride: 2 } as const;
export const RANGE6_VALUE = 0x01ff_ffff;
export const RANGE6_SIZE_SHIFT = 25;
export const RANGE6_OPEN = 63;
export const RANGE6_HAS_LOW = 0x8000_0000 | 0;

/**
 * A node splits the ranges `low`..`high` by the bits (key[word] >>> shift) & mask. Children come after their parent. Where it leaves bits out
 * that all its keys agree in, a key may differ in them: `skipMask` and `skipBits` say so where they are in its word alone.
 */
export const NODE = {
  stride: 9,
  word: 0,
  shift: 1,
  mask: 2,
  slotStart: 3,
  skips: 4,
  low: 5,
  high: 6,
  skipMask: 7,
  skipBits: 8,
} as const;
export const SKIPS_NOTHING = 0;
export const SKIPS_IN_WORD = 1;
/** In words before it as well: the key is compared with the node's first and last. */
export const SKIPS_WORDS = 2;
/** A slot >= 0 is a node; a leaf is the sign bit, 4 bits of count, 27 bits of the first range's index. */
export const LEAF = 0x8000_0000 | 0;
export const LEAF_COUNT_SHIFT = 27;
export const LEAF_COUNT_MASK = 15;
export const LEAF_START_MASK = 0x07ff_ffff;
/** The index that answers NO_VALUE to everything: one range from 0. */
export const EMPTY_INDEX = LEAF | (1 << LEAF_COUNT_SHIFT);

/** Words of a record, by section. */
export const STRIDES: { readonly [name in WordSection]: number } = {
  listenerShortcuts: 1,
  listeners: LISTENER.stride,
  chains: CHAIN.stride,
  chainOwners: 1,
  rules: RULE.stride,
  conditions: CONDITION.stride,
  policies: POLICY.stride,
  policyRules: POLICY_RULE.stride,
  destinations: DESTINATION.stride,
  clusters: CLUSTER.stride,
  clusterMembers: CLUSTER_MEMBERS.stride,
  members: MEMBER.stride,
  endpoints: ENDPOINT.stride,
  nameSets: NAME_SET.stride,
  nameCells: NAME_CELL.stride,
  nameTexts: 1,
  namePatterns: NAME_PATTERN.stride,
  ranges4: RANGE4.stride,
  ranges6: RANGE6.stride,
  ranges6Low: RANGE6_LOW.stride,
  nodes: NODE.stride,
  nodeSlots: 1,
  orderedRules: 1,
  lists: 1,
  stringEnds: 1,
};
