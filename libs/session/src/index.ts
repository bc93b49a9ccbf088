export { type Outcome, outcomeNames, outcomes } from './outcome.ts';
export { type Addresses, type SecuredWith, Session, type SessionScope, type Step } from './session.ts';
export { defaultSettings, type SessionSettings } from './settings.ts';
export { type Trust, trust } from './trust.ts';
export {
  type Positions,
  type TlsEnding,
  type TlsEndings,
  type Upstream,
  type UpstreamEndpoint,
  Version,
} from './version.ts';
