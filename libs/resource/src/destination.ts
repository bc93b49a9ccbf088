// A destination of a route: host, subset and port. Shared by the kinds that send traffic somewhere.
import type { z } from 'zod';
import { fields, type Readable, text, uint32 } from './field.ts';

export const PortSelector = fields({ number: uint32().optional() });

export const Destination = fields(
  {
    host: text('destination host is required'),
    subset: text().optional(),
    port: PortSelector.optional(),
  },
  'destination is required',
);

export type Destination = Readable<z.infer<typeof Destination>>;
