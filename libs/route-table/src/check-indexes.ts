// Checks the indexes of a table: name sets and prefix tries end, stay inside, and give only what their owner may take.

import { followOn } from './bounds.ts';
import {
  BY_NAME,
  CHAIN,
  CONDITION,
  EMPTY_INDEX,
  KIND_ALPN,
  KIND_PORT,
  KIND_SNI,
  LEAF_COUNT_MASK,
  LEAF_COUNT_SHIFT,
  LEAF_START_MASK,
  LISTENER,
  NAME_CELL,
  NAME_CHARS,
  NAME_PATTERN,
  NAME_PRINT_SHIFT,
  NAME_SET,
  NAME_TAIL_SHIFT,
  NAME_TAIL_UNIT,
  NO_VALUE,
  NODE,
  RANGE4,
  RANGE4_VALUE,
  RANGE6,
  RANGE6_LOW,
  RANGE6_VALUE,
  RULE,
} from './layout.ts';
import { MAX_NAME_CHARS } from './limits.ts';
import { tailWords } from './name-cells.ts';
import { textWords } from './name-text.ts';
import type { RouteTable } from './table.ts';

/** What is broken, or undefined. */
export function checkIndexes(table: RouteTable): string | undefined {
  return checkNameSets(table) ?? checkListenerNames(table) ?? checkRanges(table) ?? checkTries(table);
}

function checkNameSets(table: RouteTable): string | undefined {
  const { nameSets, nameCells, namePatterns, nameTexts } = table;
  let cells = 0;
  for (let at = 0; at < nameSets.length; at += NAME_SET.stride) {
    const mask = nameSets[at + NAME_SET.cellMask];
    const limit = nameSets[at + NAME_SET.probeLimit];
    const isSound =
      nameSets[at + NAME_SET.cellStart] === cells &&
      mask >= -1 &&
      (mask & (mask + 1)) === 0 &&
      mask < nameCells.length / NAME_CELL.stride - cells &&
      limit >= 0 &&
      limit <= Math.max(mask, 0);
    if (!isSound) return `nameSets[${at / NAME_SET.stride}]`;
    cells += mask + 1;
  }
  for (let at = 0; at < nameCells.length; at += NAME_CELL.stride) {
    if (!isCell(nameCells[at + NAME_CELL.tag], nameTexts)) return `nameCells[${at / NAME_CELL.stride}]`;
  }
  for (let at = 0; at < namePatterns.length; at += NAME_PATTERN.stride) {
    if (!isText(nameTexts, namePatterns[at + NAME_PATTERN.text], namePatterns[at + NAME_PATTERN.chars])) {
      return `namePatterns[${at / NAME_PATTERN.stride}]`;
    }
  }
  const patterns = namePatterns.length / NAME_PATTERN.stride;
  const end = followOn(
    { section: 'nameSets', words: nameSets, stride: NAME_SET.stride, field: NAME_SET.patternStart },
    0,
    patterns,
  );
  return typeof end === 'string' ? end : undefined;
}

/** An empty one, or one of a name whose tail is there. */
function isCell(tag: number, texts: Int32Array): boolean {
  const chars = tag & NAME_CHARS;
  const tail = (tag >>> NAME_TAIL_SHIFT) * NAME_TAIL_UNIT;
  return tag === 0 || (chars > 0 && tail + tailWords(chars) <= texts.length);
}

function isText(texts: Int32Array, start: number, chars: number): boolean {
  return chars > 0 && chars <= MAX_NAME_CHARS && start >= 0 && start <= texts.length - textWords(chars);
}

/** A listener's names give its own chains and their rules. Its set is no other listener's, so the pass is one over all. */
function checkListenerNames(table: RouteTable): string | undefined {
  const { listenerShortcuts, listeners, nameSets, nameCells, chains, chainOwners } = table;
  if (chainOwners.length !== chains.length / CHAIN.stride) return 'chainOwners';
  if (listenerShortcuts.length !== listeners.length / LISTENER.stride) return 'listenerShortcuts';
  const owners = ruleOwners(table);
  let last = -1;
  for (let at = 0; at < listeners.length; at += LISTENER.stride) {
    const where = `listeners[${at / LISTENER.stride}] names`;
    const set = listeners[at + LISTENER.nameSet];
    if (set <= last || set >= nameSets.length / NAME_SET.stride) return where;
    last = set;
    const isOwn = ownValues(table, owners, set);
    const shortcut = listenerShortcuts[at / LISTENER.stride];
    if (shortcut !== BY_NAME && !isOwn(shortcut)) return where;
    const base = set * NAME_SET.stride;
    for (const field of [NAME_SET.anyName, NAME_SET.noName]) if (!isOwn(nameSets[base + field])) return where;
    if (nameSets[base + NAME_SET.patternCount] !== 0) return where;
    const first = nameSets[base + NAME_SET.cellStart];
    for (let cell = first; cell <= first + nameSets[base + NAME_SET.cellMask]; cell++) {
      const held = nameCells[cell * NAME_CELL.stride + NAME_CELL.value];
      const isEmpty = nameCells[cell * NAME_CELL.stride + NAME_CELL.tag] === 0;
      if (!isEmpty && !isOwn((held << (32 - NAME_PRINT_SHIFT)) >> (32 - NAME_PRINT_SHIFT))) return where;
    }
  }
  return undefined;
}

/** The owner of each rule's chain; the spans of chains are known to follow on each other. */
function ruleOwners({ chains, chainOwners, rules }: RouteTable): Int32Array {
  const owners = new Int32Array(rules.length / RULE.stride);
  for (let at = 0; at < chains.length; at += CHAIN.stride) {
    const start = chains[at + CHAIN.ruleStart];
    owners.fill(chainOwners[at / CHAIN.stride], start, start + chains[at + CHAIN.ruleCount]);
  }
  return owners;
}

function ownValues({ chainOwners }: RouteTable, owners: Int32Array, owner: number): (value: number) => boolean {
  return (value) => value === NO_VALUE || (value >= 0 ? chainOwners[value] : owners[~value]) === owner;
}

/**
 * A value is a rule; 0 also stands for "is a member" where there may be no rules at all (checkChains sees to that). No address is below the
 * first range, which is the end of every search.
 */
function checkRanges({ ranges4, ranges6, ranges6Low, rules }: RouteTable): string | undefined {
  const values = Math.max(1, rules.length / RULE.stride);
  if (ranges6Low.length / RANGE6_LOW.stride !== ranges6.length / RANGE6.stride) return 'ranges6Low';
  if (ranges6[RANGE6.value] < 0) return 'ranges6[0]';
  for (const [name, ranges, { stride, value }, mask] of [
    ['ranges4', ranges4, RANGE4, RANGE4_VALUE],
    ['ranges6', ranges6, RANGE6, RANGE6_VALUE],
  ] as const) {
    if (ranges.length === 0) return name;
    for (let word = 0; word < value; word++) if (ranges[word] !== 0) return `${name}[0]`;
    for (let at = value; at < ranges.length; at += stride) {
      const held = ranges[at] & mask;
      if (held !== mask && held >= values) return `${name}[${(at - value) / stride}]`;
    }
  }
  return undefined;
}

const UNSEEN = 0;

/** Children come after their parents, so one pass gives every node the family of the root that it is reached from. */
function checkTries(table: RouteTable): string | undefined {
  const { nodes, nodeSlots } = table;
  const families = new Uint8Array(nodes.length / NODE.stride);
  const broken = checkRoots(table, families);
  if (broken !== undefined) return broken;
  let slots = 0;
  for (let node = 0; node < families.length; node++) {
    const mask = nodes[node * NODE.stride + NODE.mask];
    if (nodes[node * NODE.stride + NODE.slotStart] !== slots || !isSoundNode(table, node, families[node]))
      return `nodes[${node}]`;
    if (mask >= nodeSlots.length - slots) return `nodes[${node}] slots`;
    for (let slot = slots; slot <= slots + mask; slot++) {
      if (!isSoundSlot(table, families, nodeSlots[slot], families[node], node)) return `nodeSlots[${slot}]`;
    }
    slots += mask + 1;
  }
  return undefined;
}

function checkRoots(table: RouteTable, families: Uint8Array): string | undefined {
  const { chains, conditions, nameSets } = table;
  for (let at = 0; at < chains.length; at += CHAIN.stride) {
    for (let field: number = CHAIN.source4; field <= CHAIN.port; field++) {
      const family = field === CHAIN.port || (field - CHAIN.source4) % 2 === 0 ? 4 : 6;
      if (!isSoundSlot(table, families, chains[at + field], family, -1))
        return `chains[${at / CHAIN.stride}] word ${field}`;
    }
  }
  for (let at = 0; at < conditions.length; at += CONDITION.stride) {
    const kind = conditions[at + CONDITION.kind];
    const a = conditions[at + CONDITION.a];
    const isSound =
      kind === KIND_SNI || kind === KIND_ALPN
        ? a >= 0 && a < nameSets.length / NAME_SET.stride
        : isSoundSlot(table, families, a, 4, -1) &&
          (kind === KIND_PORT || isSoundSlot(table, families, conditions[at + CONDITION.b], 6, -1));
    if (!isSound) return `conditions[${at / CONDITION.stride}] index`;
  }
  return undefined;
}

function isSoundNode({ nodes, ranges4, ranges6 }: RouteTable, node: number, family: number): boolean {
  const at = node * NODE.stride;
  const mask = nodes[at + NODE.mask];
  const low = nodes[at + NODE.low];
  const high = nodes[at + NODE.high];
  const ranges = family === 4 ? ranges4.length / RANGE4.stride : ranges6.length / RANGE6.stride;
  return (
    family !== UNSEEN &&
    mask > 0 &&
    mask <= 0xffff &&
    (mask & (mask + 1)) === 0 &&
    nodes[at + NODE.shift] >= 0 &&
    nodes[at + NODE.shift] < 32 &&
    nodes[at + NODE.word] >= 0 &&
    nodes[at + NODE.word] < (family === 4 ? 1 : 4) &&
    low > 0 &&
    low < high &&
    high <= ranges
  );
}

function isSoundSlot(table: RouteTable, families: Uint8Array, slot: number, family: number, parent: number): boolean {
  if (slot === EMPTY_INDEX) return true;
  if (slot < 0) {
    const ranges = family === 4 ? table.ranges4.length / RANGE4.stride : table.ranges6.length / RANGE6.stride;
    const start = slot & LEAF_START_MASK;
    return start > 0 && start + ((slot >>> LEAF_COUNT_SHIFT) & LEAF_COUNT_MASK) <= ranges;
  }
  if (slot <= parent || slot >= families.length) return false;
  if (families[slot] !== UNSEEN && families[slot] !== family) return false;
  families[slot] = family;
  return true;
}
