// Ed25519 signatures: of a publisher on what it proposes, and of who admits on what was admitted. Keys are handed in.
import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { canonicalJson } from '@sluice/resource';
import type { Entry } from './entry.ts';
import type { Proposal } from './proposal.ts';
import type { State } from './state.ts';

export interface Signature {
  /** Which key: the first 16 hexadecimal digits of the SHA-256 of the public key's 32 bytes. */
  readonly key: string;
  /** Base64. */
  readonly signature: string;
}

/**
 * That a version is what it is, by the word of who admitted it. Signs the state's digest, so it vouches for the state by
 * itself, and the entry's, so it vouches for who published and why.
 */
export interface Attestation extends Signature {
  /** SHA-256 of the entry without its attestation. */
  readonly entry: string;
  readonly previous: string;
}

export interface SigningKey {
  readonly id: string;
  readonly key: KeyObject;
}

/** Public keys by id. */
export type TrustedKeys = ReadonlyMap<string, KeyObject>;

const PREFIX = 'ed25519:';

/** The DER header of an Ed25519 public key (RFC 8410 section 4), before its 32 bytes. */
const SPKI_HEADER = Buffer.from('302a300506032b6570032100', 'hex');

/** `ed25519:` and the base64url of the 32 bytes. */
export function formatPublicKey(key: KeyObject): string {
  return `${PREFIX}${rawOf(key).toString('base64url')}`;
}

/** Undefined where the text is no public key in that form. */
export function parsePublicKey(text: string): KeyObject | undefined {
  if (!text.startsWith(PREFIX)) return undefined;
  const raw = Buffer.from(text.slice(PREFIX.length), 'base64url');
  if (raw.length !== 32) return undefined;
  return createPublicKey({ key: Buffer.concat([SPKI_HEADER, raw]), format: 'der', type: 'spki' });
}

export function keyId(key: KeyObject): string {
  return createHash('sha256').update(rawOf(key)).digest('hex').slice(0, 16);
}

/** A private key ready to sign; undefined for one that is not Ed25519. */
export function signingKey(key: KeyObject): SigningKey | undefined {
  return key.asymmetricKeyType === 'ed25519' && key.type === 'private' ? { id: keyId(key), key } : undefined;
}

export function trustedKeys(keys: readonly KeyObject[]): TrustedKeys {
  return new Map(keys.map((key) => [keyId(key), key]));
}

/** The proposal with its publisher's signature. */
export function signProposal(proposal: Proposal, by: SigningKey): Proposal {
  const signature = sign(null, proposalText(proposal), by.key).toString('base64');
  return { ...proposal, signature: { key: by.id, signature } };
}

/** Why a proposal is not to be trusted; undefined if it is. */
export function distrustOfProposal(proposal: Proposal, trusted: TrustedKeys): string | undefined {
  const { signature } = proposal;
  if (signature === undefined) return 'it is not signed';
  return distrust(signature, proposalText(proposal), trusted);
}

/** The entry with the word of who admitted it. */
export function attestEntry(entry: Entry, by: SigningKey): Entry {
  const claim = { entry: entryDigest(entry), previous: entry.previous };
  const signature = sign(null, statement(entry.version, entry.digest, claim), by.key).toString('base64');
  return { ...entry, attestation: { key: by.id, signature, ...claim } };
}

/** Why a state is not to be trusted; undefined if it is. The state's digest must have been made from its content. */
export function distrustOfState(state: State, trusted: TrustedKeys): string | undefined {
  if (state.version === 0) return undefined;
  const { attestation } = state;
  if (attestation === null) return `version ${state.version} is not signed`;
  const reason = distrust(attestation, statement(state.version, state.digest, attestation), trusted);
  if (reason !== undefined) return `version ${state.version}: ${reason}`;
  // What is still served by those whom a roll-out has not reached comes with the state, and may be just as altered.
  return state.rollout === null ? undefined : distrustOfState(state.rollout.before, trusted);
}

/** As of a state, and that the entry is the very one that was signed. */
export function distrustOfEntry(entry: Entry, state: State, trusted: TrustedKeys): string | undefined {
  const reason = distrustOfState(state, trusted);
  if (reason !== undefined) return reason;
  if (entry.attestation?.entry === entryDigest(entry)) return undefined;
  return `version ${entry.version}: it was altered after it was signed`;
}

function distrust({ key, signature }: Signature, text: Buffer, trusted: TrustedKeys): string | undefined {
  const known = trusted.get(key);
  if (known === undefined) return `it is signed with key ${String(key).slice(0, 16)}, which is not trusted`;
  const isRight = typeof signature === 'string' && verify(null, text, known, Buffer.from(signature, 'base64'));
  return isRight ? undefined : `its signature with key ${key} is wrong: it was altered`;
}

function proposalText({ signature: _signature, ...proposal }: Proposal): Buffer {
  return Buffer.from(`sluice-proposal-1\n${canonicalJson(proposal)}`);
}

function entryDigest({ attestation: _attestation, ...entry }: Entry): string {
  return createHash('sha256').update(canonicalJson(entry)).digest('hex');
}

function statement(
  version: number,
  digest: string,
  { entry, previous }: Pick<Attestation, 'entry' | 'previous'>,
): Buffer {
  return Buffer.from(['sluice-version-1', version, digest, previous, entry].join('\n'));
}

function rawOf(key: KeyObject): Buffer {
  const spki = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'der', type: 'spki' });
  return spki.subarray(SPKI_HEADER.length);
}
