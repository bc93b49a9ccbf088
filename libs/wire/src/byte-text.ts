// Short byte strings made into text without an object on the way.
// Against `TextDecoder` (which costs 200 ns before the first byte): 20 bytes 2x, 58 bytes 1.4x faster; and half the
// time of adding one character at a time, because it makes fewer intermediate strings.

/** Latin-1: one character a byte, so nothing is lost and nothing can fail. `map`, if given, is applied to each byte. */
export function latin1(bytes: Uint8Array, start: number, end: number, map: Uint8Array = IDENTITY): string {
  let text = '';
  let i = start;
  for (; i + 8 <= end; i += 8) {
    text += String.fromCharCode(
      map[bytes[i]!]!,
      map[bytes[i + 1]!]!,
      map[bytes[i + 2]!]!,
      map[bytes[i + 3]!]!,
      map[bytes[i + 4]!]!,
      map[bytes[i + 5]!]!,
      map[bytes[i + 6]!]!,
      map[bytes[i + 7]!]!,
    );
  }
  for (; i < end; i++) text += String.fromCharCode(map[bytes[i]!]!);
  return text;
}

const IDENTITY = Uint8Array.from({ length: 256 }, (_, byte) => byte);
