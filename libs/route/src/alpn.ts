// The annotation `sluice.io/alpn`: which application protocols a TLS rule takes. An extension of Sluice: Istio cannot say it.

export const ALPN_ANNOTATION = 'sluice.io/alpn';

/** RFC 7301, section 3.1: a protocol name has 1 to 255 bytes. */
const PROTOCOL_BYTES = 255;
const RULE = /^tls\[\d{1,6}\](?:\.match\[\d{1,6}\])?$/;

/**
 * Reads `h2,http/1.1` (every `tls` rule), or parts such as `tls[0]=h2; tls[1].match[0]=http/1.1`, the longer name going
 * before the shorter. A rule with it takes only clients that offer one of its protocols. Keys are field paths, '' for
 * every rule.
 */
export function readAlpnAnnotation(
  annotations: Readonly<Record<string, string>>,
  report: (message: string) => void,
): ReadonlyMap<string, readonly string[]> {
  const protocols = new Map<string, readonly string[]>();
  const text = annotations[ALPN_ANNOTATION];
  if (text === undefined) return protocols;
  for (const part of text.split(';')) {
    if (part.trim() === '') continue;
    const equals = part.indexOf('=');
    const rule = equals < 0 ? '' : part.slice(0, equals).trim();
    const names = part
      .slice(equals + 1)
      .split(',')
      .map((name) => name.trim());
    if (rule !== '' && !RULE.test(rule))
      report(`sluice.io/alpn: ${JSON.stringify(rule)} is not tls[N] or tls[N].match[N]`);
    else if (names.some((name) => name === '' || name.length > PROTOCOL_BYTES || !/^[\x21-\x7e]+$/.test(name)))
      report(
        `sluice.io/alpn: ${JSON.stringify(part.trim())} has a protocol that is not 1 to 255 printable ASCII characters`,
      );
    else protocols.set(rule === '' ? '' : `spec.${rule}`, [...new Set(names)]);
  }
  if (protocols.size === 0 && text.trim() === '') report('sluice.io/alpn is empty');
  return protocols;
}
