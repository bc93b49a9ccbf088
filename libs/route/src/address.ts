// IP addresses and prefixes, compared the plain way: with ipaddr.js, one by one.
import ipaddr from 'ipaddr.js';

export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Undefined if it is no address. An IPv4 address in IPv6's clothes is IPv4. */
export function parseAddress(text: string): Address | undefined {
  return ipaddr.isValid(text) && !text.includes('%') ? ipaddr.process(text) : undefined;
}

/** Whether a CIDR block or a single address has the address in it. */
export function contains(block: string, address: Address): boolean {
  const slash = block.indexOf('/');
  const base = parseAddress(slash < 0 ? block : block.slice(0, slash));
  if (base === undefined) return false;
  const mapped = base.kind() === 'ipv4' && block.includes(':');
  const bits =
    slash < 0 ? (base.kind() === 'ipv4' ? 32 : 128) : Number(block.slice(slash + 1)) - (mapped ? MAPPED_BITS : 0);
  return base.kind() === address.kind() && bits >= 0 && address.match(base as ipaddr.IPv4, bits);
}

export function isAddress(text: string): boolean {
  return parseAddress(text) !== undefined;
}

/** The blocks that can be read, sorted, each once. Validation refuses others; a table must never meet them. */
export function validBlocks(blocks: readonly string[]): readonly string[] {
  return [...new Set(blocks)].filter(isBlock).sort();
}

function isBlock(block: string): boolean {
  const slash = block.indexOf('/');
  const address = slash < 0 ? block : block.slice(0, slash);
  const bits = slash < 0 ? '0' : block.slice(slash + 1);
  return isAddress(address) && /^(?:0|[1-9]\d{0,2})$/.test(bits) && Number(bits) <= (address.includes(':') ? 128 : 32);
}

/** Length of `::ffff:0:0/96`, under which IPv6 has the IPv4 addresses. */
const MAPPED_BITS = 96;
