// Kubernetes' core/v1 Secret: certificates and keys by name. Its fields stand in `spec` of the normal form, and what a
// manifest writes in `stringData` is moved into `data`, in base64.
import { z } from 'zod';
import { fields, flag, type Readable, text } from './field.ts';

const BASE64 = /^[A-Za-z0-9+/\s]*(?:=\s*){0,2}$/;

export const SecretSpec = fields({
  type: text().optional(),
  data: z
    .record(z.string(), z.string().regex(BASE64, { error: 'must be base64; plain text belongs in stringData' }))
    .optional(),
  immutable: flag().optional(),
});

export const ManifestSecret = SecretSpec.extend({ stringData: z.record(z.string(), z.string()).optional() });

/** Moves `stringData` into `data`; where both have a key, `stringData` wins, as in Kubernetes. */
export function normalizeSecret(spec: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { stringData, ...rest } = spec as { stringData?: Record<string, string>; data?: Record<string, string> };
  const data: Record<string, string> = {};
  for (const [key, value] of Object.entries(rest.data ?? {})) data[key] = value.replaceAll(/\s/g, '');
  for (const [key, value] of Object.entries(stringData ?? {})) data[key] = Buffer.from(value).toString('base64');
  return { ...rest, data };
}

export type SecretSpec = Readable<z.infer<typeof SecretSpec>>;
