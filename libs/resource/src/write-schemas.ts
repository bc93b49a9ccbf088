// Writes deploy/schemas. Run by hand after a change of a schema; a test tells when it is due.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { jsonSchemas } from './json-schema.ts';

const folder = new URL('../../../deploy/schemas/', import.meta.url);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const [name, schema] of jsonSchemas())
  writeFileSync(new URL(name, folder), `${JSON.stringify(schema, null, 1)}\n`);
