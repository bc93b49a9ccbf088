// Keeps what is said of resources within bounds while it is said: of each resource the first complaints of each code, and how
// many more there are. What is kept depends on what was said, and not on its order or on how often.
import type { Code, Complaint, ResourceKey } from '@sluice/resource';
import { compareText } from './order.ts';

/** Complaints of one code about one resource that are told: enough to see the pattern in a resource with thousands of rules. */
export const MAX_SAID = 20;

/** Complaints of one code about one resource that are told apart to count them; beyond, there are "more than" so many. */
const MAX_COUNTED = 10_000;

/** Where complaints go; a list will do where there can be few. */
export interface Complaints {
  push(complaint: Complaint): unknown;
}

interface Page {
  /** By path and message, at most twice as many as are told. */
  readonly kept: Map<string, Complaint>;
  /** The last of those told so far: what comes behind it is counted only. */
  last: Complaint | null;
  /** Hashes of everything said; null while all of it is kept. */
  counted: Set<number> | null;
}

export class ComplaintBook implements Complaints {
  readonly #pages = new Map<Code, Map<ResourceKey, Page>>();

  push(complaint: Complaint): void {
    const page = this.#pageOf(complaint);
    if (page.counted !== null && page.counted.size < MAX_COUNTED) page.counted.add(hashOf(complaint));
    if (page.last !== null && order(complaint, page.last) >= 0) return;
    page.kept.set(`${complaint.path}\t${complaint.message}`, complaint);
    if (page.kept.size > 2 * MAX_SAID) shorten(page);
  }

  #pageOf({ code, resource }: Complaint): Page {
    let pages = this.#pages.get(code);
    if (pages === undefined) this.#pages.set(code, (pages = new Map()));
    let page = pages.get(resource);
    if (page === undefined) pages.set(resource, (page = { kept: new Map(), last: null, counted: null }));
    return page;
  }

  /** In no order. */
  list(): Complaint[] {
    const all: Complaint[] = [];
    for (const pages of this.#pages.values()) {
      for (const page of pages.values()) {
        if (page.kept.size > MAX_SAID) shorten(page);
        const { kept, counted } = page;
        for (const complaint of kept.values()) all.push(complaint);
        const more = (counted?.size ?? 0) - kept.size;
        if (more > 0) all.push(rest(page.last!, more, counted!.size === MAX_COUNTED));
      }
    }
    return all;
  }
}

/** The same of a list that is there already. */
export function withinBounds(complaints: Iterable<Complaint>): Complaint[] {
  const book = new ComplaintBook();
  for (const complaint of complaints) book.push(complaint);
  return book.list();
}

/** Stands last among those of its code that have a place; its level is theirs. */
function rest({ code, level, resource }: Complaint, more: number, isMore: boolean): Complaint {
  const message = `and ${isMore ? 'at least ' : ''}${more} more of ${code} in this resource`;
  return { code, level, resource, path: '', message, more };
}

function shorten(page: Page): void {
  const sorted = [...page.kept].sort(([, a], [, b]) => order(a, b));
  page.counted ??= new Set(sorted.map(([, complaint]) => hashOf(complaint)));
  for (const [id] of sorted.slice(MAX_SAID)) page.kept.delete(id);
  page.last = sorted[MAX_SAID - 1]![1];
}

const order = (a: Complaint, b: Complaint) => compareText(a.path, b.path) || compareText(a.message, b.message);

/** FNV-1a over UTF-16 units: two texts that meet make the count one too small. */
function hashOf({ path, message }: Complaint): number {
  return addText(addText(0x811c9dc5, path), message) >>> 0;
}

function addText(before: number, text: string): number {
  let hash = Math.imul(before ^ text.length, 0x01000193);
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
