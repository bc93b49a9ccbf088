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

export type KeysResult = { readonly ok: true; readonly value: Keys } | { readonly ok: false; readonly message: string };

export function readKeys(settings: Settings): KeysResult {
  const signer = settings.signingKey === '' ? null : readSigningKey(settings.signingKey);
  if (signer?.ok === false) return wrong('SLUICE_SIGNING_KEY', signer.message);
  const trusted = settings.trustedKeys === '' ? null : readTrustedKeys(settings.trustedKeys);
  if (trusted?.ok === false) return wrong('SLUICE_TRUSTED_KEYS', trusted.message);
  const publishers = settings.publisherKeys === '' ? null : readTrustedKeys(settings.publisherKeys);
  if (publishers?.ok === false) return wrong('SLUICE_PUBLISHER_KEYS', publishers.message);
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

function wrong(variable: string, message: string): KeysResult {
  return { ok: false, message: `${variable}: ${message}` };
}
