// IPv6 addresses between text and their 16 bytes. Pure.

/** `text`: an address node:net's isIPv6 accepts, without a scope. */
export function parseIPv6(text: string): Uint8Array {
  const bytes = new Uint8Array(16);
  const [head = '', tail] = text.split('::');
  const front = words(head);
  bytes.set(front, 0);
  if (tail !== undefined) {
    const back = words(tail);
    bytes.set(back, 16 - back.length);
  }
  return bytes;
}

function words(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((word) => {
    if (word.includes('.')) return word.split('.').map(Number);
    const value = Number.parseInt(word, 16);
    return [value >> 8, value & 0xff];
  });
}

/** RFC 5952: lower case, no leading zeros, the first longest run of two or more zero words as `::`; mapped IPv4 dotted. */
export function textOfIPv6(bytes: Uint8Array): string {
  const parts = Array.from({ length: 8 }, (_, i) => ((bytes[i * 2] as number) << 8) | (bytes[i * 2 + 1] as number));
  if (parts.slice(0, 5).every((part) => part === 0) && parts[5] === 0xffff)
    return `::ffff:${bytes.slice(12).join('.')}`;
  let best = -1;
  let bestLength = 1;
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && parts[start + length] === 0) length++;
    if (length > bestLength) {
      best = start;
      bestLength = length;
    }
  }
  const hex = (some: readonly number[]) => some.map((part) => part.toString(16)).join(':');
  return best < 0 ? hex(parts) : `${hex(parts.slice(0, best))}::${hex(parts.slice(best + bestLength))}`;
}
