// Resources by key, and by the words under which others look for them. Knows nothing of what the words mean.
import type { Resource, ResourceKey } from '@sluice/resource';

interface Entry {
  readonly resource: Resource;
  readonly words: readonly string[];
}

const NONE: readonly string[] = [];

export class ResourceIndex {
  readonly #entries = new Map<ResourceKey, Entry>();
  /** Number of resources. */
  readonly #namespaces = new Map<string, number>();
  /** Most words have one resource, so a set is made for the second only: 50,000 resources have 200,000 words. */
  readonly #byWord = new Map<string, ResourceKey | Set<ResourceKey>>();

  get(key: ResourceKey): Resource | undefined {
    return this.#entries.get(key)?.resource;
  }

  wordsOf(key: ResourceKey): readonly string[] {
    return this.#entries.get(key)?.words ?? NONE;
  }

  *resources(): Generator<Resource> {
    for (const { resource } of this.#entries.values()) yield resource;
  }

  keys(): Iterable<ResourceKey> {
    return this.#entries.keys();
  }

  words(): Iterable<string> {
    return this.#byWord.keys();
  }

  /** Keys of the resources with the word, in no particular order. */
  with(word: string): Iterable<ResourceKey> {
    const found = this.#byWord.get(word);
    if (found === undefined) return NONE;
    return typeof found === 'string' ? [found] : found;
  }

  count(word: string): number {
    const found = this.#byWord.get(word);
    if (found === undefined) return 0;
    return typeof found === 'string' ? 1 : found.size;
  }

  /** Whether there is any resource in a namespace. */
  hasNamespace(namespace: string): boolean {
    return this.#namespaces.has(namespace);
  }

  put(key: ResourceKey, resource: Resource, words: Iterable<string>): void {
    this.delete(key);
    const { namespace } = resource.metadata;
    this.#namespaces.set(namespace, (this.#namespaces.get(namespace) ?? 0) + 1);
    const own = [...new Set(words)];
    this.#entries.set(key, { resource, words: own });
    for (const word of own) {
      const found = this.#byWord.get(word);
      if (found === undefined) this.#byWord.set(word, key);
      else if (typeof found === 'string') this.#byWord.set(word, new Set([found, key]));
      else found.add(key);
    }
  }

  delete(key: ResourceKey): void {
    for (const word of this.wordsOf(key)) {
      const found = this.#byWord.get(word);
      if (found === key) this.#byWord.delete(word);
      else if (typeof found === 'object') {
        found.delete(key);
        if (found.size === 0) this.#byWord.delete(word);
      }
    }
    const namespace = this.get(key)?.metadata.namespace;
    this.#entries.delete(key);
    if (namespace === undefined) return;
    const left = this.#namespaces.get(namespace)! - 1;
    if (left > 0) this.#namespaces.set(namespace, left);
    else this.#namespaces.delete(namespace);
  }
}
