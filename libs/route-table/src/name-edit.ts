// Puts names into a written set and takes them out again, so that look-ups find what a set written anew would give.

import { NAME_SET } from './layout.ts';
import { hashOfEntry, leadsTo, type TakenName, takeName, writeEntry } from './name-entries.ts';
import { markLength, type NameSections, putSlot, SLOTS_PER_NAME } from './name-index.ts';

/** Gives a name (`*.` and a suffix for a wildcard) a value. `others`: how many names the set has besides it. */
export function putName(sections: NameSections, set: number, written: string, value: number, others: number): void {
  const { nameSets, nameSlots } = sections;
  const { name, isSuffix } = partsOf(written);
  const at = set * NAME_SET.stride;
  if ((others + 1) * SLOTS_PER_NAME > nameSets.at(at + NAME_SET.slotMask) + 1) moveSlots(sections, at, others + 1);
  const taken = takeName(name, isSuffix);
  const { place, probe } = find(sections, at, taken);
  nameSlots.set(place, writeEntry(sections, taken, value));
  if (probe > nameSets.at(at + NAME_SET.probeLimit)) nameSets.set(at + NAME_SET.probeLimit, probe);
  markLength(nameSets, at + (isSuffix ? NAME_SET.suffixLengths : NAME_SET.exactLengths), name);
}

/** Takes a name out; those behind it in its row of slots move up, so that no look-up ends before it finds them. */
export function dropName(sections: NameSections, set: number, written: string): void {
  const { nameSets, nameSlots } = sections;
  const { name, isSuffix } = partsOf(written);
  const at = set * NAME_SET.stride;
  const mask = nameSets.at(at + NAME_SET.slotMask);
  if (mask < 0) return;
  const found = find(sections, at, takeName(name, isSuffix));
  if (!found.isThere) return;
  const first = nameSets.at(at + NAME_SET.slotStart);
  let hole = found.place - first;
  for (let step = 1; step <= mask; step++) {
    const place = (found.place - first + step) & mask;
    const slot = nameSlots.at(first + place);
    if (slot === 0) break;
    const home = hashOfEntry(sections, slot) & mask;
    if (((place - home) & mask) < ((place - hole) & mask)) continue;
    nameSlots.set(first + hole, slot);
    hole = place;
  }
  nameSlots.set(first + hole, 0);
}

function partsOf(written: string): { readonly name: string; readonly isSuffix: boolean } {
  const isSuffix = written.startsWith('*.');
  return { name: isSuffix ? written.slice(2) : written, isSuffix };
}

/** The place of the name's slot, or the first free one for it. */
function find(sections: NameSections, at: number, taken: TakenName) {
  const { nameSets, nameSlots } = sections;
  const first = nameSets.at(at + NAME_SET.slotStart);
  const mask = nameSets.at(at + NAME_SET.slotMask);
  for (let probe = 0; probe <= mask; probe++) {
    const place = first + ((taken.hash + probe) & mask);
    const slot = nameSlots.at(place);
    if (slot === 0) return { place, probe, isThere: false };
    if (leadsTo(sections, slot, taken)) return { place, probe, isThere: true };
  }
  return { place: -1, probe: -1, isThere: false };
}

/** Twice the slots that so many names need, behind all others; the old ones are left. */
function moveSlots(sections: NameSections, at: number, names: number): void {
  const { nameSets, nameSlots } = sections;
  const oldFirst = nameSets.at(at + NAME_SET.slotStart);
  const oldMask = nameSets.at(at + NAME_SET.slotMask);
  const mask = 2 ** (33 - Math.clz32(names * SLOTS_PER_NAME - 1)) - 1;
  const start = nameSlots.reserve(mask + 1);
  let limit = 0;
  for (let place = oldFirst; place <= oldFirst + oldMask; place++) {
    const slot = nameSlots.at(place);
    if (slot !== 0) limit = Math.max(limit, putSlot(nameSlots, start, mask, hashOfEntry(sections, slot), slot));
  }
  nameSets.set(at + NAME_SET.slotStart, start);
  nameSets.set(at + NAME_SET.slotMask, mask);
  nameSets.set(at + NAME_SET.probeLimit, limit);
}
