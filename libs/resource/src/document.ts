// A document by the fast way where it is plain, by the library where it is not, or where a place in it is asked for.
import { placesInPlainYaml } from './plain-place.ts';
import { readPlainYaml } from './plain-yaml.ts';
import { readYamlDocument, type YamlDocument } from './yaml-document.ts';

/** What no YAML holds unescaped (YAML 1.2.2, 5.1): it is a binary file or a damaged one, whatever else it looks like. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/;

/** Reads one document. Never throws, whatever the text. */
export function readDocument(text: string): YamlDocument {
  const control = text.search(CONTROL);
  if (control >= 0) return refuseCharacter(text, control);
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

function refuseCharacter(text: string, offset: number): YamlDocument {
  const code = text.charCodeAt(offset).toString(16).toUpperCase().padStart(4, '0');
  const message = `the control character U+${code} cannot stand in YAML: write it as an escape in double quotes`;
  const find = () => ({ offset, depth: 0 });
  return { value: undefined, problems: [{ code: 'SLU1001', message, offset }], find };
}

/** Plain reading takes larger documents than the library is let near. */
function placesIn(text: string): YamlDocument['find'] {
  const { problems, find } = readYamlDocument(text);
  return problems.length > 0 ? placesInPlainYaml(text) : find;
}
