// Durations as Istio's resources write them: protobuf's JSON form (`1.5s`) and Go's (`1h30m`), kept as text in a resource.

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};
/** What `parseDurationMs` reads. */
export const DURATION = /^(?:0|[-+]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))+)$/;
const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g;

/**
 * Milliseconds of a duration such as `10s`, `1.5s`, `1h30m`, `250ms` or `0`; may be a fraction or negative.
 * Undefined if the text is no duration.
 */
export function parseDurationMs(text: string): number | undefined {
  if (text === '0') return 0;
  if (text.length > 64 || !DURATION.test(text)) return undefined;
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(PART)) ms += Number(amount) * UNIT_MS[unit!]!;
  ms = Math.round(ms * 1e6) / 1e6;
  return text.startsWith('-') ? -ms : ms;
}
