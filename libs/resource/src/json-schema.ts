// JSON Schemas (draft 7) of manifests, made from the schemas that reading uses, for editors. Pure: write-schemas.ts writes the
// files. They say less than reading does: rules that no schema can express are left to `admin validate`.
import { z } from 'zod';
import { CHECKED_KINDS, type CheckedKind } from './checked-kinds.ts';
import { IGNORED_KINDS, ignoredKind } from './ignored-kinds.ts';
import { KINDS, type KindRow } from './kinds.ts';
import { ManifestMetadata } from './metadata.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

const DRAFT = 'http://json-schema.org/draft-07/schema#';

function schemaOf(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _draft, ...rest } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' });
  return rest;
}

const apiVersionsOf = ({ group, versions }: Pick<KindRow, 'group' | 'versions'>) =>
  versions.map((version) => (group === '' ? version : `${group}/${version}`));

const METADATA = schemaOf(ManifestMetadata);

interface Manifest {
  readonly kind: string;
  readonly apiVersions: readonly string[];
  readonly properties: Record<string, unknown>;
  readonly required: readonly string[];
}

function manifestSchema({ kind, apiVersions, properties, required }: Manifest): JsonSchema {
  return {
    title: kind,
    type: 'object',
    properties: {
      apiVersion: { enum: apiVersions },
      kind: { const: kind },
      metadata: METADATA,
      ...properties,
      status: {},
    },
    required: ['apiVersion', 'kind', 'metadata', ...required],
    additionalProperties: false,
  };
}

function kindSchema(row: KindRow): JsonSchema {
  const manifest = { kind: row.manifestKind, apiVersions: apiVersionsOf(row) };
  if (row.flat === undefined) {
    return manifestSchema({ ...manifest, properties: { spec: schemaOf(row.spec) }, required: ['spec'] });
  }
  const flat = schemaOf(row.flat.schema) as { properties: Record<string, unknown>; required?: string[] };
  return manifestSchema({ ...manifest, properties: flat.properties, required: flat.required ?? [] });
}

function checkedSchema(row: CheckedKind): JsonSchema {
  const manifest = { kind: row.kind, apiVersions: apiVersionsOf(row) };
  return manifestSchema({
    ...manifest,
    properties: { spec: schemaOf(row.spec) },
    required: row.specRequired ? ['spec'] : [],
  });
}

const kebab = (name: string) =>
  name
    .replaceAll(/([a-z])([A-Z])/g, '$1-$2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();

/** The schema of a kind that is accepted whatever it holds. */
function ignoredSchema(groupAndKind: string): readonly [string, JsonSchema] {
  const slash = groupAndKind.indexOf('/');
  const [group, kind] = [groupAndKind.slice(0, slash), groupAndKind.slice(slash + 1)];
  const apiVersion = { type: 'string', pattern: group === '' ? '^v1$' : `^${group.replaceAll('.', '\\.')}/` };
  const description = `Accepted, but ${ignoredKind(group, kind)!.why}.`;
  return [groupAndKind, { title: kind, description, type: 'object', properties: { apiVersion, metadata: METADATA } }];
}

/** Chooses by kind and group, so that an editor complains about the kind that was meant. */
function choice(name: string, group: string, kind: string): JsonSchema {
  const apiVersion = { type: 'string', pattern: group === '' ? '^[^/]*$' : `^${group.replaceAll('.', '\\.')}/` };
  return {
    if: { properties: { kind: { const: kind }, apiVersion }, required: ['kind', 'apiVersion'] },
    // biome-ignore lint/suspicious/noThenProperty: the word is JSON Schema's
    then: { $ref: `#/definitions/${name}` },
  };
}

/** Every file of deploy/schemas by name: one for each kind, and `all.json`, which chooses among them. */
export function jsonSchemas(): ReadonlyMap<string, JsonSchema> {
  const kinds: (readonly [name: string, group: string, kind: string, schema: JsonSchema])[] = KINDS.map(
    (row) => [kebab(row.kind), row.group, row.manifestKind, kindSchema(row)] as const,
  );
  for (const row of CHECKED_KINDS) kinds.push([kebab(row.kind), row.group, row.kind, checkedSchema(row)]);
  const files = new Map<string, JsonSchema>();
  for (const [name, , , schema] of kinds) files.set(`${name}.json`, { $schema: DRAFT, ...schema });
  const checked = new Set(CHECKED_KINDS.map(({ group, kind }) => `${group}/${kind}`));
  const ignored = IGNORED_KINDS.filter((name) => !checked.has(name)).map(ignoredSchema);
  const definitions: Record<string, JsonSchema> = {};
  const choices: JsonSchema[] = [];
  for (const [name, group, kind, schema] of kinds) {
    definitions[name] = schema;
    choices.push(choice(name, group, kind));
  }
  for (const [groupAndKind, schema] of ignored) {
    const slash = groupAndKind.indexOf('/');
    const name = groupAndKind.replace('/', '.').replace(/^\./, 'core.');
    definitions[name] = schema;
    choices.push(choice(name, groupAndKind.slice(0, slash), groupAndKind.slice(slash + 1)));
  }
  files.set('all.json', allSchema(definitions, choices));
  return files;
}

function allSchema(definitions: Readonly<Record<string, JsonSchema>>, choices: readonly JsonSchema[]): JsonSchema {
  const names = [...new Set(Object.values(definitions).map(({ title }) => title))].sort();
  const list = {
    if: { properties: { kind: { const: 'List' } }, required: ['kind'] },
    // biome-ignore lint/suspicious/noThenProperty: the word is JSON Schema's
    then: { properties: { items: { type: 'array', items: { $ref: '#' } } }, required: ['items'] },
  };
  return {
    $schema: DRAFT,
    title: 'A resource of Sluice',
    type: 'object',
    properties: { apiVersion: { type: 'string' }, kind: { enum: [...names, 'List'] } },
    required: ['apiVersion', 'kind'],
    allOf: [...choices, list],
    definitions,
  };
}
