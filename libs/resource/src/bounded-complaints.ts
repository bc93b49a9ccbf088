// Complaints for people, of whom nobody reads thousands: the first errors, the first others, and how many are left out.
// Errors are never lost behind warnings.
import { CODES } from './codes.ts';
import type { Complaint } from './issue.ts';

/** In the order given: at most `max` errors and `max` warnings and notices; a last one (SLU1008) counts what is left out. */
export function boundComplaints<T extends Complaint>(
  complaints: readonly T[],
  max: number,
): readonly (T | Complaint)[] {
  const bounded = new BoundedComplaints<T>(max);
  for (const complaint of complaints) bounded.push(complaint);
  return bounded.list();
}

/** The same for complaints that come one by one: of a large change there may be millions. */
export class BoundedComplaints<T extends Complaint> {
  readonly #max: number;
  readonly #shown: T[] = [];
  readonly #counts = { error: 0, other: 0 };
  readonly #hidden = { error: 0, warning: 0, notice: 0 };

  constructor(max: number) {
    this.#max = max;
  }

  push(complaint: T): void {
    const { level, code, more = 0 } = complaint;
    // It counts what was left out before.
    if (code === 'SLU1008') this.#shown.push(complaint);
    else if (++this.#counts[level === 'error' ? 'error' : 'other'] <= this.#max) this.#shown.push(complaint);
    else this.#hidden[level] += 1 + more;
  }

  /** Errors in all, shown or not. */
  get errors(): number {
    return countComplaints(this.#shown, 'error') + this.#hidden.error;
  }

  list(): readonly (T | Complaint)[] {
    const { error, warning, notice } = this.#hidden;
    const more = error + warning + notice;
    return more === 0 ? this.#shown : [...this.#shown, hiddenComplaint(more, this.#hidden)];
  }
}

/** `more` issues are not shown. */
export function hiddenComplaint(more: number, levels: Readonly<Record<string, number>>): Complaint {
  const parts = Object.entries(levels).filter(([, count]) => count > 0);
  const message = `${more} more issues are not shown: ${parts.map(([level, count]) => `${count} ${level}${count === 1 ? '' : 's'}`).join(', ')}`;
  return { code: 'SLU1008', level: CODES.SLU1008.level, message, resource: '', path: '', more };
}

/** How many are at a level, with those that others stand for. */
export function countComplaints(complaints: Iterable<Complaint>, level: Complaint['level']): number {
  let count = 0;
  for (const complaint of complaints)
    if (complaint.level === level && complaint.code !== 'SLU1008') count += 1 + (complaint.more ?? 0);
  return count;
}
