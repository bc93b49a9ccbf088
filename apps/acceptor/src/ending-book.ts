// What a worker ends TLS with, version after version. A context whose terms stay the same stays the same itself, so that
// clients can continue their sessions; one whose terms changed is a new one, and established sessions keep theirs.
import { createHash } from 'node:crypto';
import type { TlsContext } from '@sluice/engine';
import { tlsContext } from '@sluice/engine-node';
import type { TlsEndings } from '@sluice/session';
import { readTlsList, type TlsList } from './tls-list.ts';

export class EndingBook {
  #digest = '';
  #endings: TlsEndings = new Map();
  /** By the digest of their terms: of the newest list, and of the one before, which may come back. */
  #contexts: ReadonlyMap<string, TlsContext> = new Map();
  #contextsBefore: ReadonlyMap<string, TlsContext> = new Map();

  /** Throws an Error that names the server whose certificate, key or settings are of no use. */
  endingsOf(list: TlsList): TlsEndings {
    if (list.digest === this.#digest) return this.#endings;
    const endings = new Map<string, { readonly context: TlsContext | null; readonly refusal: string }>();
    const contexts = new Map<string, TlsContext>();
    for (const { name, refusal, terms } of readTlsList(list)) {
      if (terms === null) {
        endings.set(name, { context: null, refusal });
        continue;
      }
      const digest = createHash('sha256').update(JSON.stringify(terms)).digest('base64');
      const context =
        this.#contexts.get(digest) ?? this.#contextsBefore.get(digest) ?? named(name, () => tlsContext(terms));
      contexts.set(digest, context);
      endings.set(name, { context, refusal: '' });
    }
    this.#contextsBefore = this.#contexts;
    this.#contexts = contexts;
    this.#digest = list.digest;
    this.#endings = endings;
    return endings;
  }
}

function named<T>(name: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw new Error(`TLS of ${name}: ${(cause as Error).message}`);
  }
}
