// A document by the fast way where it is plain, by the library where it is not, or where a place in it is asked for.
import { readPlainYaml } from './plain-yaml.ts';
import { readYamlDocument, type YamlDocument } from './yaml-document.ts';

/** Reads one document. Never throws, whatever the text. */
export function readDocument(text: string): YamlDocument {
  const value = readPlainYaml(text);
  if (value === undefined) return readYamlDocument(text);
  let placed: YamlDocument | undefined;
  return {
    value,
    problems: [],
    find(keys) {
      placed ??= readYamlDocument(text);
      return placed.find(keys);
    },
  };
}
