// Puts names into a written set and takes them out again, so that look-ups find what a set written anew would give.

import { NAME_CELL, NAME_SET } from './layout.ts';
import {
  clearCell,
  copyCell,
  hashOfCell,
  holds,
  isEmptyCell,
  type TakenName,
  takeName,
  writeCell,
} from './name-cells.ts';
import { CELLS_PER_NAME, freeCell, markLength, type NameSections } from './name-index.ts';

/** Gives a name (`*.` and a suffix for a wildcard) a value. `others`: how many names the set has besides it. */
export function putName(sections: NameSections, set: number, written: string, value: number, others: number): void {
  const { nameSets } = sections;
  const { name, isSuffix } = partsOf(written);
  const at = set * NAME_SET.stride;
  if ((others + 1) * CELLS_PER_NAME > nameSets.at(at + NAME_SET.cellMask) + 1) moveCells(sections, at, others + 1);
  const taken = takeName(name, isSuffix);
  const { cell, probe } = find(sections, at, taken);
  writeCell(sections, cell, taken, value);
  if (probe > nameSets.at(at + NAME_SET.probeLimit)) nameSets.set(at + NAME_SET.probeLimit, probe);
  markLength(nameSets, at + (isSuffix ? NAME_SET.suffixLengths : NAME_SET.exactLengths), name);
}

/** Takes a name out; those behind it in its row of cells move up, so that no look-up ends before it finds them. */
export function dropName(sections: NameSections, set: number, written: string): void {
  const { nameSets } = sections;
  const { name, isSuffix } = partsOf(written);
  const at = set * NAME_SET.stride;
  const mask = nameSets.at(at + NAME_SET.cellMask);
  if (mask < 0) return;
  const found = find(sections, at, takeName(name, isSuffix));
  if (!found.isThere) return;
  const first = nameSets.at(at + NAME_SET.cellStart);
  let hole = found.cell - first;
  for (let step = 1; step <= mask; step++) {
    const place = (found.cell - first + step) & mask;
    if (isEmptyCell(sections, first + place)) break;
    const home = hashOfCell(sections, first + place) & mask;
    if (((place - home) & mask) < ((place - hole) & mask)) continue;
    copyCell(sections, first + place, first + hole);
    hole = place;
  }
  clearCell(sections, first + hole);
}

function partsOf(written: string): { readonly name: string; readonly isSuffix: boolean } {
  const isSuffix = written.startsWith('*.');
  return { name: isSuffix ? written.slice(2) : written, isSuffix };
}

/** The name's cell, or the first free one for it. */
function find(sections: NameSections, at: number, taken: TakenName) {
  const { nameSets } = sections;
  const first = nameSets.at(at + NAME_SET.cellStart);
  const mask = nameSets.at(at + NAME_SET.cellMask);
  for (let probe = 0; probe <= mask; probe++) {
    const cell = first + ((taken.hash + probe) & mask);
    if (isEmptyCell(sections, cell)) return { cell, probe, isThere: false };
    if (holds(sections, cell, taken)) return { cell, probe, isThere: true };
  }
  return { cell: -1, probe: -1, isThere: false };
}

/** Twice the cells that so many names need, behind all others; the old ones are left. */
function moveCells(sections: NameSections, at: number, names: number): void {
  const { nameSets, nameCells } = sections;
  const oldFirst = nameSets.at(at + NAME_SET.cellStart);
  const oldMask = nameSets.at(at + NAME_SET.cellMask);
  const mask = 2 ** (33 - Math.clz32(names * CELLS_PER_NAME - 1)) - 1;
  const start = nameCells.reserve((mask + 1) * NAME_CELL.stride) / NAME_CELL.stride;
  let limit = 0;
  for (let cell = oldFirst; cell <= oldFirst + oldMask; cell++) {
    if (isEmptyCell(sections, cell)) continue;
    const hash = hashOfCell(sections, cell);
    const probe = freeCell(sections, start, mask, hash);
    copyCell(sections, cell, start + ((hash + probe) & mask));
    limit = Math.max(limit, probe);
  }
  nameSets.set(at + NAME_SET.cellStart, start);
  nameSets.set(at + NAME_SET.cellMask, mask);
  nameSets.set(at + NAME_SET.probeLimit, limit);
}
