// There is more to compile than a bound allows (SLU3037, SLU3038, SLU3039).
import type { Complaint } from '@sluice/resource';
import { TableFault } from '@sluice/route-table';

/** Admission keeps such a version out; an acceptor that meets one all the same keeps what is in force. */
export class TooMuch extends TableFault {
  readonly complaint: Complaint;

  constructor(complaint: Complaint) {
    super('table_limit', complaint.message);
    this.name = 'TooMuch';
    this.complaint = complaint;
  }
}
