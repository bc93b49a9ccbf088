// What a version ends TLS with, as it goes from the config thread to the workers: one text in shared memory, beside the
// route table and not in it, so that a new certificate is no new table and nothing that shows a table can show a key.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { TlsTerms } from '@sluice/engine';
import type { Pem, TlsPlan } from '@sluice/route';

/** Of one server; no terms where `refusal` says why there are none. */
export interface TlsEntry {
  /** RoutePlan.tls. */
  readonly name: string;
  readonly refusal: string;
  readonly terms: TlsTerms | null;
}

export interface TlsList {
  /** Equal for equal entries. */
  readonly digest: string;
  /** JSON of TlsEntry[] in UTF-8. */
  readonly bytes: SharedArrayBuffer;
}

/** Throws where a file cannot be read; the message names it. */
export function writeTlsList(plans: readonly TlsPlan[]): TlsList {
  const text = Buffer.from(JSON.stringify(plans.map(entryOf)));
  const bytes = new SharedArrayBuffer(text.length);
  new Uint8Array(bytes).set(text);
  return { digest: createHash('sha256').update(text).digest('hex'), bytes };
}

export function readTlsList({ bytes }: TlsList): readonly TlsEntry[] {
  return JSON.parse(Buffer.from(bytes).toString()) as TlsEntry[];
}

/** Lists of version after version, for those who make them. */
export class TlsLists {
  #plans: readonly TlsPlan[] | null = null;
  #list: TlsList | null = null;

  /** Throws as `writeTlsList`. The same list where nothing of it changed, files included. */
  make(plans: readonly TlsPlan[]): TlsList {
    if (this.#list !== null && plans === this.#plans && !readsFiles(plans)) return this.#list;
    const list = writeTlsList(plans);
    this.#plans = plans;
    if (list.digest !== this.#list?.digest) this.#list = list;
    return this.#list as TlsList;
  }

  /** Whether files hold something else than when they were read last. A file that is away, or half written, waits. */
  filesChanged(): boolean {
    if (this.#plans === null || !readsFiles(this.#plans)) return false;
    try {
      return writeTlsList(this.#plans).digest !== this.#list?.digest;
    } catch {
      return false;
    }
  }
}

function readsFiles(plans: readonly TlsPlan[]): boolean {
  return plans.some(({ certificates, clientAuthorities, revocations }) =>
    [
      ...certificates.flatMap(({ certificate, privateKey }) => [certificate, privateKey]),
      clientAuthorities,
      revocations,
    ].some((pem) => pem !== null && 'file' in pem),
  );
}

function entryOf({ name, refusal, ...plan }: TlsPlan): TlsEntry {
  if (refusal !== '') return { name, refusal, terms: null };
  const read = (pem: Pem | null) => (pem === null ? '' : textOf(name, pem));
  const terms: TlsTerms = {
    ...plan,
    certificates: plan.certificates.map(({ certificate, privateKey }) => ({
      certificate: read(certificate),
      privateKey: read(privateKey),
    })),
    clientAuthorities: read(plan.clientAuthorities),
    revocations: read(plan.revocations),
  };
  return { name, refusal, terms };
}

function textOf(name: string, pem: Pem): string {
  if ('text' in pem) return pem.text;
  try {
    return readFileSync(pem.file, 'utf8');
  } catch (cause) {
    throw new Error(`TLS of ${name}: ${pem.file} cannot be read: ${(cause as NodeJS.ErrnoException).code}`);
  }
}
