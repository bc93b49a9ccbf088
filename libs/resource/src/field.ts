// The pieces schemas are made of. Everything here can be written as a JSON Schema: rules that cannot are in the kinds' files.
import { z } from 'zod';
import { DURATION } from './duration.ts';

/** Adds words to the complaint that the field is missing. */
function missing(hint: string | undefined) {
  return hint === undefined
    ? undefined
    : (issue: { input?: unknown }) => (issue.input === undefined ? hint : undefined);
}

export const text = (hint?: string) => z.string({ error: missing(hint) });
export const flag = () => z.boolean();
export const integer = (min: number, max: number, hint?: string) =>
  z
    .int({ error: missing(hint) })
    .min(min)
    .max(max);
export const uint32 = (hint?: string) => integer(0, 0xffffffff, hint);
export const int32 = (hint?: string) => integer(-0x80000000, 0x7fffffff, hint);
export const double = () => z.number();
export const texts = (hint?: string) => z.array(z.string(), { error: missing(hint) });
export const textMap = () => z.record(z.string(), z.string());

/** A duration such as `10s` or `1h30m`, kept as text. */
export const duration = (hint?: string) =>
  z.string({ error: missing(hint) }).regex(DURATION, { error: 'must be a duration such as 10s, 1.5s or 1h30m' });

/** A mapping with these fields and no others. */
export const fields = <T extends z.core.$ZodLooseShape>(shape: T, hint?: string) =>
  z.strictObject(shape, { error: missing(hint) });

/** A list with at least `min` items. */
export const list = <T extends z.ZodType>(item: T, hint?: string) => z.array(item, { error: missing(hint) });

export const oneOf = <const T extends readonly string[]>(values: T) => z.enum(values);

/** Plain data as schemas describe it, read-only through and through. */
export type Readable<T> = T extends readonly (infer Item)[]
  ? readonly Readable<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Readable<T[Key]> }
    : T;
