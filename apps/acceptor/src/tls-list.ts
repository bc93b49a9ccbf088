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

/** Plans with the digest of the list made of them; '' where a file could not be read. */
interface Made {
  readonly plans: readonly TlsPlan[];
  readonly digest: string;
}

/** Lists of version after version, for those who make them. */
export class TlsLists {
  /** Of the version offered last, and of the one in force. */
  #offered: Made | null = null;
  #inForce: Made | null = null;
  #list: TlsList | null = null;

  /** Throws as `writeTlsList`. The same list where nothing of it changed, files included. */
  make(plans: readonly TlsPlan[]): TlsList {
    if (this.#list !== null && plans === this.#offered?.plans && !readsFiles(plans)) return this.#list;
    this.#offered = { plans, digest: '' };
    const list = writeTlsList(plans);
    this.#offered = { plans, digest: list.digest };
    if (list.digest !== this.#list?.digest) this.#list = list;
    return this.#list as TlsList;
  }

  /** The version offered last is in force. */
  committed(): void {
    this.#inForce = this.#offered;
  }

  /**
   * Whose files hold something else than when they were read: those of a version that was offered and refused, or of the one
   * in force. A file that is away, or half written, waits.
   */
  changed(): 'refused' | 'in-force' | null {
    if (this.#offered !== this.#inForce && isOther(this.#offered)) return 'refused';
    return isOther(this.#inForce) ? 'in-force' : null;
  }
}

function isOther(made: Made | null): boolean {
  if (made === null || !readsFiles(made.plans)) return false;
  try {
    return writeTlsList(made.plans).digest !== made.digest;
  } catch {
    return false;
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
