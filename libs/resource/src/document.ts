// A document by the fast way where it is plain, by the library where it is not, or where a place in it is asked for.
import { placesInPlainYaml } from './plain-place.ts';
import { readPlainYaml } from './plain-yaml.ts';
import { readYamlDocument, type YamlDocument } from './yaml-document.ts';

/** Reads one document. Never throws, whatever the text. */
export function readDocument(text: string): YamlDocument {
  const value = readPlainYaml(text);
  if (value === undefined) return readYamlDocument(text);
  let find: YamlDocument['find'] | undefined;
  return {
    value,
    problems: [],
    find(keys) {
      find ??= placesIn(text);
      return find(keys);
    },
  };
}

/** Plain reading takes larger documents than the library is let near. */
function placesIn(text: string): YamlDocument['find'] {
  const { problems, find } = readYamlDocument(text);
  return problems.length > 0 ? placesInPlainYaml(text) : find;
}
