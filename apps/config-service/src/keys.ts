// The keys of a config service: what it signs with, whose word it takes, and who may publish.
import { createPublicKey } from 'node:crypto';
import { readSigningKey, readTrustedKeys } from '@sluice/store';
import { type SigningKey, type TrustedKeys, trustedKeys } from '@sluice/version';
import type { Settings } from './settings.ts';

export interface Keys {
  readonly signer: SigningKey | null;
  readonly trusted: TrustedKeys | null;
  readonly publishers: TrustedKeys | null;
}

export type KeysResult =
  | { readonly ok: true; readonly value: Keys }
  | { readonly ok: false; readonly complaints: readonly string[] };

export function readKeys(settings: Settings): KeysResult {
  const signer = settings.signingKey === '' ? null : readSigningKey(settings.signingKey);
  const trusted = settings.trustedKeys === '' ? null : readTrustedKeys(settings.trustedKeys);
  const publishers = settings.publisherKeys === '' ? null : readTrustedKeys(settings.publisherKeys);
  if (signer?.ok === false || trusted?.ok === false || publishers?.ok === false) {
    const read = { SLUICE_SIGNING_KEY: signer, SLUICE_TRUSTED_KEYS: trusted, SLUICE_PUBLISHER_KEYS: publishers };
    const complaints = Object.entries(read).flatMap(([variable, each]) => {
      return each?.ok === false ? [`${variable}: ${each.message}`] : [];
    });
    return { ok: false, complaints };
  }
  const own = signer === null ? [] : trustedKeys([createPublicKey(signer.value.key)]);
  return {
    ok: true,
    value: {
      signer: signer?.value ?? null,
      trusted: trusted === null ? null : new Map([...trusted.value, ...own]),
      publishers: publishers?.value ?? null,
    },
  };
}
