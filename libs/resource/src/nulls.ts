// Takes out fields whose value is null: in protobuf's JSON a null field is an unset one. Values of free mappings (labels,
// headers) and items of lists stay, so that the schema complains about them.
import { z } from 'zod';

/** Deletes null fields of `value` and below, in place, wherever the schema knows a mapping with fixed fields. */
export function dropNulls(schema: z.core.$ZodType, value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  const inner = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  if (inner instanceof z.ZodObject && !Array.isArray(value)) {
    const record = value as Record<string, unknown>;
    const shape = inner.shape as Record<string, z.core.$ZodType>;
    for (const key of Object.keys(record)) {
      if (record[key] === null) delete record[key];
      else if (Object.hasOwn(shape, key)) dropNulls(shape[key]!, record[key]);
    }
  } else if (inner instanceof z.ZodArray && Array.isArray(value)) {
    for (const item of value) dropNulls(inner.element, item);
  } else if (inner instanceof z.ZodRecord && !Array.isArray(value)) {
    for (const item of Object.values(value)) dropNulls(inner.valueType, item);
  }
}
