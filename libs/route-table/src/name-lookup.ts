// Looks server names and protocols up in a name set. Runs for every connection: no object is made.

import { type Facts, NAME_LAST, NAME_TOO_LONG, PROTOCOL_WORDS, STATE } from './facts.ts';
import { NAME_ENTRY, NAME_PATTERN, NAME_SET, NAME_SLOT, NAME_SUFFIX, NO_VALUE, PATTERN_PREFIX } from './layout.ts';
import { MAX_NAME_LABELS } from './limits.ts';
import { beginsWithText, endsWithText } from './name-text.ts';
import type { RouteTable } from './table.ts';

/** The value for the connection's server name: exact, then the longest wildcard suffix, then any; or NO_VALUE. */
export function lookUpName(table: RouteTable, set: number, facts: Facts): number {
  const { nameSets } = table;
  const at = set * NAME_SET.stride;
  const chars = facts.state[STATE.nameChars];
  if (chars === 0) return nameSets[at + NAME_SET.noName];
  if (chars === NAME_TOO_LONG) return nameSets[at + NAME_SET.anyName];
  if (nameSets[at + NAME_SET.slotMask] >= 0) {
    const suffixes = facts.state[STATE.suffixes];
    if (suffixes < MAX_NAME_LABELS && hasDepth(nameSets, at + NAME_SET.exactDepths, suffixes + 1)) {
      const value = probe(table, at, facts.state[STATE.nameHash], chars, facts.name, NAME_LAST);
      if (value !== NO_VALUE) return value;
    }
    for (let labels = suffixes; labels > 0; labels--) {
      if (!hasDepth(nameSets, at + NAME_SET.suffixDepths, labels)) continue;
      const suffix = facts.suffixChars[labels - 1];
      // A name that begins with the dot has nothing in the wildcard's place.
      if (suffix + 1 === chars) continue;
      const value = probe(table, at, facts.suffixHashes[labels - 1], suffix | NAME_SUFFIX, facts.name, NAME_LAST);
      if (value !== NO_VALUE) return value;
    }
  }
  if (nameSets[at + NAME_SET.patternCount] > 0 && matchesPattern(table, at, facts, chars)) return 0;
  return nameSets[at + NAME_SET.anyName];
}

function hasDepth(nameSets: Int32Array, bits: number, labels: number): boolean {
  return ((nameSets[bits + (labels >>> 5)] >>> (labels & 31)) & 1) !== 0;
}

/** Whether any protocol that the client offers is in the set. */
export function offersProtocol(table: RouteTable, set: number, facts: Facts): boolean {
  const at = set * NAME_SET.stride;
  if (table.nameSets[at + NAME_SET.slotMask] < 0) return false;
  for (let p = 0; p < facts.state[STATE.protocols]; p++) {
    const last = p * PROTOCOL_WORDS + PROTOCOL_WORDS - 1;
    const value = probe(table, at, facts.protocolHashes[p], facts.protocolChars[p], facts.protocols, last);
    if (value !== NO_VALUE) return true;
  }
  return false;
}

function probe(table: RouteTable, set: number, hash: number, tag: number, name: Int32Array, last: number): number {
  const { nameSets, nameSlots, nameEntries } = table;
  const first = nameSets[set + NAME_SET.slotStart];
  const mask = nameSets[set + NAME_SET.slotMask];
  const limit = nameSets[set + NAME_SET.probeLimit];
  for (let probed = 0; probed <= limit; probed++) {
    const slot = (first + ((hash + probed) & mask)) * NAME_SLOT.stride;
    const entry = nameSlots[slot + NAME_SLOT.entry];
    if (entry === 0) return NO_VALUE;
    if (nameSlots[slot + NAME_SLOT.hash] !== hash || nameEntries[entry + NAME_ENTRY.tag] !== tag) continue;
    if (endsWithText(name, last, nameEntries, entry + NAME_ENTRY.text, tag & (NAME_SUFFIX - 1))) {
      return nameEntries[entry + NAME_ENTRY.value];
    }
  }
  return NO_VALUE;
}

function matchesPattern(table: RouteTable, set: number, facts: Facts, chars: number): boolean {
  const { nameSets, namePatterns, nameEntries } = table;
  const first = nameSets[set + NAME_SET.patternStart];
  for (let i = 0; i < nameSets[set + NAME_SET.patternCount]; i++) {
    const pattern = (first + i) * NAME_PATTERN.stride;
    const length = namePatterns[pattern + NAME_PATTERN.chars];
    if (length > chars) continue;
    const text = namePatterns[pattern + NAME_PATTERN.text];
    const isFound =
      namePatterns[pattern + NAME_PATTERN.kind] === PATTERN_PREFIX
        ? beginsWithText(facts.name, NAME_LAST, chars, nameEntries, text, length)
        : endsWithText(facts.name, NAME_LAST, nameEntries, text, length);
    if (isFound) return true;
  }
  return false;
}
