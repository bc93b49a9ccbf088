// The PROXY header a session sends to its endpoint where the DestinationRule asks for one. Pure.
import { type ProxyClaim, parseAddress, writeProxyV1, writeProxyV2 } from '@sluice/wire';

interface Side {
  readonly address: string;
  readonly port: number;
}

/** `client`: whom the connection is from; `local`: where it arrived. Null where no header is sent. */
export function prefaceFor(
  version: 0 | 1 | 2,
  client: Side,
  local: { readonly localAddress: string; readonly localPort: number },
): Uint8Array | null {
  if (version === 0) return null;
  const source = end(client.address, client.port);
  const destination = end(local.localAddress, local.localPort);
  if (version === 1) return writeProxyV1(source, destination);
  return writeProxyV2(claim(source, destination));
}

type End = { readonly address: Uint8Array; readonly port: number } | null;

function end(address: string, port: number): End {
  const plain = address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address;
  const bytes = parseAddress(plain);
  return bytes === null ? null : { address: bytes, port };
}

/** Two families, or no addresses at all, cannot be told: the receiver then uses the connection's own. */
function claim(source: End, destination: End): ProxyClaim {
  if (source === null || destination === null || source.address.length !== destination.address.length)
    return { command: 'PROXY', family: 'unknown' };
  return { command: 'PROXY', family: source.address.length === 4 ? 'tcp4' : 'tcp6', source, destination };
}
