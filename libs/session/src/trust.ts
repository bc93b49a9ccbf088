// Whose PROXY header is believed: connections from given CIDRs, and then it is required. Built on the table's own prefix
// look-up, so that addresses mean the same here and in routes.
import { ALLOWED, attachTable, authorize, createFacts, encodeTable, type Facts, setSource } from '@sluice/route-table';

export type Trust = (sourceAddress: string) => boolean;

/** Throws a TableFault where a CIDR is none. */
export function trust(cidrs: readonly string[]): Trust {
  if (cidrs.length === 0) return () => false;
  const condition = { fact: 'source' as const, cidrs };
  const table = attachTable(
    encodeTable({
      listeners: [
        { name: 'trust', bind: '', port: 1, gateways: [], inspectsTls: false, chains: [], authorization: [0] },
      ],
      clusters: [],
      authorization: [{ name: 'trust/proxies', action: 'deny', dryRun: false, rules: [[condition]] }],
    }),
  );
  const facts: Facts = createFacts();
  return (address) => setSource(facts, address) && authorize(table, 0, facts) !== ALLOWED;
}
