// Puts names into a written set and takes them out again, so that look-ups find what a set written anew would give.

import { NAME_ENTRY, NAME_SET, NAME_SLOT, NAME_SUFFIX } from './layout.ts';
import { MAX_NAME_CHARS } from './limits.ts';
import { checkName, markDepth, type NameSections, SLOTS_PER_NAME } from './name-index.ts';
import { hashText, textWords, writeText } from './name-text.ts';

const scratch = new Int32Array(textWords(MAX_NAME_CHARS));
const LAST = scratch.length - 1;

/** Gives a name (`*.` and a suffix for a wildcard) a value. `others`: how many names the set has besides it. */
export function putName(sections: NameSections, set: number, written: string, value: number, others: number): void {
  const { nameSets, nameSlots, nameEntries } = sections;
  const { text, tag } = keyOf(written);
  const at = set * NAME_SET.stride;
  if ((others + 1) * SLOTS_PER_NAME > nameSets.at(at + NAME_SET.slotMask) + 1) moveSlots(sections, at, others + 1);
  writeText(text, scratch, LAST);
  const hash = hashText(scratch, LAST, text.length, (tag & NAME_SUFFIX) !== 0);
  const { slot, probe } = find(sections, at, hash, tag);
  const entry = nameEntries.length;
  nameEntries.push(tag);
  nameEntries.push(value);
  for (let word = 0; word < textWords(text.length); word++) nameEntries.push(scratch[LAST - word]);
  nameSlots.set(slot * NAME_SLOT.stride + NAME_SLOT.hash, hash);
  nameSlots.set(slot * NAME_SLOT.stride + NAME_SLOT.entry, entry);
  if (probe > nameSets.at(at + NAME_SET.probeLimit)) nameSets.set(at + NAME_SET.probeLimit, probe);
  markDepth(nameSets, at + ((tag & NAME_SUFFIX) !== 0 ? NAME_SET.suffixDepths : NAME_SET.exactDepths), text);
}

/** Takes a name out; those behind it in its row of slots move up, so that no look-up ends before it finds them. */
export function dropName(sections: NameSections, set: number, written: string): void {
  const { nameSets, nameSlots } = sections;
  const { text, tag } = keyOf(written);
  const at = set * NAME_SET.stride;
  const mask = nameSets.at(at + NAME_SET.slotMask);
  if (mask < 0) return;
  writeText(text, scratch, LAST);
  const found = find(sections, at, hashText(scratch, LAST, text.length, (tag & NAME_SUFFIX) !== 0), tag);
  if (!found.isThere) return;
  const first = nameSets.at(at + NAME_SET.slotStart);
  const slotAt = (place: number) => (first + place) * NAME_SLOT.stride;
  let hole = found.slot - first;
  for (let step = 1; step <= mask; step++) {
    const place = (found.slot - first + step) & mask;
    if (nameSlots.at(slotAt(place) + NAME_SLOT.entry) === 0) break;
    const home = nameSlots.at(slotAt(place) + NAME_SLOT.hash) & mask;
    if (((place - home) & mask) < ((place - hole) & mask)) continue;
    nameSlots.set(slotAt(hole) + NAME_SLOT.hash, nameSlots.at(slotAt(place) + NAME_SLOT.hash));
    nameSlots.set(slotAt(hole) + NAME_SLOT.entry, nameSlots.at(slotAt(place) + NAME_SLOT.entry));
    hole = place;
  }
  nameSlots.set(slotAt(hole) + NAME_SLOT.hash, 0);
  nameSlots.set(slotAt(hole) + NAME_SLOT.entry, 0);
}

function keyOf(written: string): { readonly text: string; readonly tag: number } {
  const isSuffix = written.startsWith('*.');
  const text = isSuffix ? written.slice(2) : written;
  checkName(text);
  return { text, tag: text.length | (isSuffix ? NAME_SUFFIX : 0) };
}

/** The slot of the name in `scratch`, or the first free one for it. */
function find({ nameSets, nameSlots, nameEntries }: NameSections, at: number, hash: number, tag: number) {
  const first = nameSets.at(at + NAME_SET.slotStart);
  const mask = nameSets.at(at + NAME_SET.slotMask);
  for (let probe = 0; probe <= mask; probe++) {
    const slot = first + ((hash + probe) & mask);
    const entry = nameSlots.at(slot * NAME_SLOT.stride + NAME_SLOT.entry);
    if (entry === 0) return { slot, probe, isThere: false };
    if (nameSlots.at(slot * NAME_SLOT.stride + NAME_SLOT.hash) !== hash) continue;
    if (nameEntries.at(entry + NAME_ENTRY.tag) === tag && isScratch(nameEntries, entry + NAME_ENTRY.text, tag))
      return { slot, probe, isThere: true };
  }
  return { slot: -1, probe: -1, isThere: false };
}

function isScratch(texts: NameSections['nameEntries'], text: number, tag: number): boolean {
  const words = textWords(tag & (NAME_SUFFIX - 1));
  for (let word = 0; word < words; word++) if (texts.at(text + word) !== scratch[LAST - word]) return false;
  return true;
}

/** Twice the slots that so many names need, behind all others; the old ones are left. */
function moveSlots({ nameSets, nameSlots }: NameSections, at: number, names: number): void {
  const oldFirst = nameSets.at(at + NAME_SET.slotStart);
  const oldMask = nameSets.at(at + NAME_SET.slotMask);
  const mask = 2 ** (33 - Math.clz32(names * SLOTS_PER_NAME - 1)) - 1;
  const start = nameSlots.reserve((mask + 1) * NAME_SLOT.stride) / NAME_SLOT.stride;
  let limit = 0;
  for (let slot = oldFirst; slot <= oldFirst + oldMask; slot++) {
    const entry = nameSlots.at(slot * NAME_SLOT.stride + NAME_SLOT.entry);
    if (entry === 0) continue;
    const hash = nameSlots.at(slot * NAME_SLOT.stride + NAME_SLOT.hash);
    let probe = 0;
    const target = () => (start + ((hash + probe) & mask)) * NAME_SLOT.stride;
    while (nameSlots.at(target() + NAME_SLOT.entry) !== 0) probe++;
    limit = Math.max(limit, probe);
    nameSlots.set(target() + NAME_SLOT.hash, hash);
    nameSlots.set(target() + NAME_SLOT.entry, entry);
  }
  nameSets.set(at + NAME_SET.slotStart, start);
  nameSets.set(at + NAME_SET.slotMask, mask);
  nameSets.set(at + NAME_SET.probeLimit, limit);
}
