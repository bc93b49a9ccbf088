// The faults of writing a table: a plan that cannot be one. Compiling must not produce such a plan, so it is thrown.

/**
 * - `table_limit`: more of something than limits.ts allows
 * - `table_value`: a number or a string that its field cannot hold
 * - `table_reference`: an index that points at nothing
 * - `table_address`: not an IP address or CIDR
 * - `table_name`: a server name, pattern or protocol that cannot be looked up, or stands twice in a listener
 */
export type TableFaultCode = 'table_limit' | 'table_value' | 'table_reference' | 'table_address' | 'table_name';

export class TableFault extends Error {
  readonly code: TableFaultCode;

  constructor(code: TableFaultCode, message: string) {
    super(message);
    this.name = 'TableFault';
    this.code = code;
  }
}
