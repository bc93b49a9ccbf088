// What the tests of rules have in common: a spec is read, and what is said of it compared in short.
import * as assert from 'uvu/assert';
import { parseResources } from './parse.ts';

export type Spec = Readonly<Record<string, unknown>>;

/** A kind's way to make a manifest around a spec. */
export function manifestOf(apiVersion: string, kind: string, metadata: Spec = {}): (spec: Spec) => Spec {
  return (spec) => ({ apiVersion, kind, metadata: { name: 'a', namespace: 'team', ...metadata }, spec });
}

/** What is said of a manifest: `CODE path: message`, notices left out. */
export function said(manifest: Spec): readonly string[] {
  const { issues } = parseResources([{ path: 'x', text: JSON.stringify(manifest) }]);
  return issues
    .filter(({ level }) => level !== 'notice')
    .map(({ code, path, message }) => `${code} ${path}: ${message}`);
}

/** Every expected part stands in one thing said, in order, and nothing else is said. */
export function assertSaid(manifest: Spec, expected: readonly string[]): void {
  const found = said(manifest);
  const list = `${found.join('\n')}\nexpected:\n${expected.join('\n')}`;
  assert.is(found.length, expected.length, list);
  for (const [i, part] of expected.entries()) assert.ok(found[i]!.includes(part), list);
}
