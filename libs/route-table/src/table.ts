// A table as its readers see it: views on shared buffers. It holds nothing else, so a worker costs only the views, and it
// passes between threads as it is.

import { HEADER, LAYOUT_VERSION, MAGIC, WORD_SECTIONS, type WordSection } from './layout.ts';

/** Views; made by `openTable`, `attachTable` and `TableEditor` alone. */
export type RouteTable = { readonly [name in WordSection]: Int32Array } & { readonly strings: Uint8Array };

/** Bytes that a reader can see: what its text, records and indexes take. */
export function tableBytes(table: RouteTable): number {
  return Object.values(table).reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/**
 * Looks at a buffer that `openTable` has accepted in this process before: every worker after the first, at the price of
 * the views alone. Throws where it is no table at all.
 */
export function attachTable(buffer: SharedArrayBuffer): RouteTable {
  const header = new Int32Array(buffer);
  if (header[HEADER.magic] !== MAGIC || header[HEADER.version] !== LAYOUT_VERSION) {
    throw new TypeError('not a route table of this layout');
  }
  const at = (section: number) => HEADER.sections + 2 * section;
  const words = (name: WordSection) => {
    const section = WORD_SECTIONS.indexOf(name);
    return new Int32Array(buffer, header[at(section)], header[at(section) + 1]);
  };
  const last = at(WORD_SECTIONS.length);
  return {
    listenerShortcuts: words('listenerShortcuts'),
    listeners: words('listeners'),
    chains: words('chains'),
    chainOwners: words('chainOwners'),
    rules: words('rules'),
    conditions: words('conditions'),
    policies: words('policies'),
    policyRules: words('policyRules'),
    destinations: words('destinations'),
    clusters: words('clusters'),
    clusterMembers: words('clusterMembers'),
    members: words('members'),
    endpoints: words('endpoints'),
    nameSets: words('nameSets'),
    nameCells: words('nameCells'),
    nameTexts: words('nameTexts'),
    namePatterns: words('namePatterns'),
    ranges4: words('ranges4'),
    ranges6: words('ranges6'),
    ranges6Low: words('ranges6Low'),
    nodes: words('nodes'),
    nodeSlots: words('nodeSlots'),
    orderedRules: words('orderedRules'),
    lists: words('lists'),
    stringEnds: words('stringEnds'),
    strings: new Uint8Array(buffer, header[last], header[last + 1]),
  };
}
