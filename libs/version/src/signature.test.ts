import { generateKeyPairSync } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { admit } from './admit.ts';
import { applyEntry } from './apply.ts';
import { checkpointLines, readCheckpoint } from './checkpoint.ts';
import { decodeEntry } from './decode-entry.ts';
import type { Entry } from './entry.ts';
import type { Proposal } from './proposal.ts';
import { isRenewalDue, renew } from './renew.ts';
import { workload } from './sample-resource.test-kit.ts';
import {
  distrustOfEntry,
  distrustOfProposal,
  distrustOfState,
  formatPublicKey,
  keyId,
  parsePublicKey,
  type SigningKey,
  signingKey,
  signProposal,
  trustedKeys,
} from './signature.ts';
import { EMPTY_STATE, type State } from './state.ts';

const test = suite('signature');

function newKey(): SigningKey {
  return signingKey(generateKeyPairSync('ed25519').privateKey)!;
}

const publisher = newKey();
const service = newKey();
const stranger = newKey();
const trusted = (...keys: SigningKey[]) => trustedKeys(keys.map(({ key }) => parsePublicKey(formatPublicKey(key))!));

const proposal: Proposal = {
  ...{ submission: 's1', author: 'ann', message: 'm', expectVersion: null, timeMs: 1_000_000 },
  wish: { type: 'change', put: [workload('a')], delete: [], set: '', prune: false },
};

function decide(each: Proposal, timeMs = 1_000_000, state: State = EMPTY_STATE) {
  const context = { judge: () => [], target: null, publishers: trusted(publisher), signer: service, timeMs };
  return admit(state, each, context);
}

function admitted(): { entry: Entry; state: State } {
  return decide(signProposal(proposal, publisher)).next!;
}

test('a public key is written and read', () => {
  const text = formatPublicKey(service.key);
  assert.match(text, /^ed25519:[\w-]{43}$/);
  assert.is(keyId(parsePublicKey(text)!), service.id);
  for (const wrong of ['', 'ed25519:', 'ed25519:AAAA', 'rsa:abc']) assert.is(parsePublicKey(wrong), undefined);
});

test('a signed proposal is trusted, an altered, foreign or unsigned one is not', () => {
  const signed = signProposal(proposal, publisher);
  assert.is(distrustOfProposal(signed, trusted(publisher)), undefined);
  assert.match(distrustOfProposal(proposal, trusted(publisher)) ?? '', 'not signed');
  assert.match(distrustOfProposal({ ...signed, author: 'eve' }, trusted(publisher)) ?? '', 'altered');
  assert.match(distrustOfProposal(signProposal(proposal, stranger), trusted(publisher)) ?? '', 'not trusted');
});

test('who admits refuses proposals that are not signed by a publisher, or long ago', () => {
  const reason = (each: Proposal, timeMs?: number) => {
    const { admission } = decide(each, timeMs);
    return admission.ok ? 'admitted' : admission.rejection.reason;
  };
  const signed = signProposal(proposal, publisher);
  assert.is(reason(signed), 'admitted');
  assert.is(reason(proposal), 'untrusted');
  assert.is(reason(signed, 1_000_000 + 11 * 60_000), 'untrusted');
});

test('an entry carries both signatures through the log', () => {
  const { entry, state } = admitted();
  const decoded = decodeEntry(JSON.parse(JSON.stringify(entry)));
  assert.ok(decoded.ok);
  const applied = applyEntry(EMPTY_STATE, decoded.ok ? decoded.value : entry);
  assert.ok(applied.ok && distrustOfEntry(entry, applied.state, trusted(service)) === undefined);
  assert.equal([entry.publisher?.key, entry.attestation?.key], [publisher.id, service.id]);
  assert.equal(applied.ok && applied.state.attestation, state.attestation);
});

test('no part of an entry can be altered, taken away or signed by another', () => {
  const { entry } = admitted();
  const { attestation, publisher: _publisher, ...bare } = entry;
  const wish = { ...proposal.wish, put: [workload('b')] } as Proposal['wish'];
  const forged = admit(EMPTY_STATE, { ...proposal, wish }, { judge: () => [], target: null, timeMs: 1 }).next!.entry;
  const altered: Entry[] = [
    bare,
    { ...bare, attestation: { ...attestation!, key: stranger.id } },
    { ...entry, author: 'eve' },
    { ...entry, message: 'x' },
    { ...entry, timeMs: 1 },
    { ...forged, attestation: attestation! },
  ];
  for (const each of altered) {
    const state = stateAfter(each);
    assert.type(distrustOfEntry(each, state, trusted(service)), 'string', JSON.stringify(each));
  }
  assert.type(distrustOfEntry(entry, stateAfter(entry), trusted(stranger)), 'string');
});

function stateAfter(entry: Entry): State {
  const applied = applyEntry(EMPTY_STATE, entry);
  if (!applied.ok) throw new Error(applied.message);
  return applied.state;
}

test('a checkpoint is vouched for by the signature on its last entry', () => {
  const { state } = admitted();
  const lines = [...checkpointLines(state)].join('');
  const read = readCheckpoint(lines);
  assert.ok(read.ok && distrustOfState(read.state, trusted(service)) === undefined);
  const later = readCheckpoint(lines.replace('"version":1', '"version":2'));
  assert.ok(later.ok && distrustOfState(later.state, trusted(service)) !== undefined);
  const { next } = admit(EMPTY_STATE, proposal, { judge: () => [], target: null, timeMs: 1 });
  assert.match(distrustOfState(next!.state, trusted(service)) ?? '', 'version 1 is not signed');
});

test('either of two keys counts while keys are changed, and a renewal signs the same state with the new one', () => {
  const { state } = admitted();
  const renewal = renew(state, stranger, 2_000_000);
  assert.is(renewal.state.digest, state.digest);
  assert.is(distrustOfState(renewal.state, trusted(stranger)), undefined);
  assert.is(distrustOfState(state, trusted(service, stranger)), undefined);
  assert.is(distrustOfState(renewal.state, trusted(service, stranger)), undefined);
  const applied = applyEntry(state, renewal.entry);
  assert.ok(applied.ok && applied.state.version === 2);
});

test('a renewal by another is answered at the first look alone: two config services with keys of their own would never end', () => {
  const { state } = admitted();
  const [ours, theirs] = [stranger, service];
  assert.is(isRenewalDue(EMPTY_STATE, ours, true), false);
  assert.equal([isRenewalDue(state, ours, true), isRenewalDue(state, ours, false)], [true, true]);
  const renewed = renew(state, ours, 2_000_000).state;
  assert.equal([isRenewalDue(renewed, ours, true), isRenewalDue(renewed, ours, false)], [false, false]);
  assert.equal([isRenewalDue(renewed, theirs, true), isRenewalDue(renewed, theirs, false)], [true, false]);
});

test.run();
