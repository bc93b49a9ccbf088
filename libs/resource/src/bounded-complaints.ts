// Complaints for people, of whom nobody reads thousands: the first errors, the first others, and how many are left out.
// Errors are never lost behind warnings.
import { CODES } from './codes.ts';
import type { Complaint } from './issue.ts';

/** In the order given: at most `max` errors and `max` warnings and notices; a last one (SLU1008) counts what is left out. */
export function boundComplaints<T extends Complaint>(
  complaints: readonly T[],
  max: number,
): readonly (T | Complaint)[] {
  const counts = { error: 0, other: 0 };
  const shown: (T | Complaint)[] = [];
  const hidden = { error: 0, warning: 0, notice: 0 };
  for (const complaint of complaints) {
    if (++counts[complaint.level === 'error' ? 'error' : 'other'] <= max) shown.push(complaint);
    else hidden[complaint.level] += 1 + (complaint.more ?? 0);
  }
  const more = hidden.error + hidden.warning + hidden.notice;
  if (more > 0) shown.push(hiddenComplaint(more, hidden));
  return shown;
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
