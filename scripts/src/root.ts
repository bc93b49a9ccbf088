// The checkout these scripts belong to, and its projects. Reads package.json files only.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** core <- engine, store <- app; test code may import all. */
export type Layer = 'core' | 'engine' | 'store' | 'app' | 'test';

export interface Project {
  readonly name: string;
  /** From the root: `libs/route`. */
  readonly folder: string;
  readonly layer: Layer;
  readonly dependencies: readonly string[];
}

export function readProjects(): Project[] {
  return globSync('{apps,libs}/*/package.json', { cwd: root })
    .sort()
    .map((path) => {
      const { name, sluice, dependencies = {} } = JSON.parse(readFileSync(join(root, path), 'utf8'));
      return { name, folder: dirname(path), layer: sluice.layer, dependencies: Object.keys(dependencies) };
    });
}
