export { type Outcome, outcomeNames, outcomes } from './outcome.ts';
export { type Addresses, Session, type SessionScope, type Step } from './session.ts';
export { defaultSettings, type SessionSettings } from './settings.ts';
export { type Trust, trust } from './trust.ts';
export { type Positions, type Upstream, type UpstreamEndpoint, Version } from './version.ts';
