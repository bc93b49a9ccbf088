// The sessions that run, in no order. An array, and no Map: a Map that much is put into and deleted from leaves its former
// tables behind in old space, each pointing to the next and to the sessions it once held, so that every session outlives
// the collections of young objects: measured, pauses of 5 to 10 ms instead of 0.7.

/** What a member keeps for the list: its own place. */
export interface Listed {
  place: number;
}

export class RunningList<T extends Listed> {
  readonly #members: T[] = [];

  get size(): number {
    return this.#members.length;
  }

  add(member: T): void {
    member.place = this.#members.push(member) - 1;
  }

  /** A member only; the last one takes its place. */
  remove(member: T): void {
    const last = this.#members.pop() as T;
    if (last === member) return;
    this.#members[member.place] = last;
    last.place = member.place;
  }

  first(count: number): readonly T[] {
    return this.#members.slice(0, count);
  }

  /** Those there are now; they may be removed meanwhile. */
  all(): readonly T[] {
    return this.#members.slice();
  }
}
