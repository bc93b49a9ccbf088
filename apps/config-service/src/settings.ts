// All that a config service reads from its environment, in one place. Pure: variables in, settings or complaints out.
import { isLevel } from '@sluice/observe';
import { type AdmissionStep, type LogSettings, readLogSettings } from '@sluice/store';

export interface Settings extends LogSettings {
  readonly store: string;
  readonly logLevel: string;
  /** Path of the private key that signs what is admitted; empty: nothing is signed. */
  readonly signingKey: string;
  /** Keys whose signatures count on what is read; empty: signed or not. The signing key's own is one of them. */
  readonly trustedKeys: string;
  /** Keys of who may publish; empty: anybody, signed or not. */
  readonly publisherKeys: string;
  /** For tests: the process kills itself (SIGKILL) when it comes to this point; empty for none. */
  readonly faultAt: FaultPoint | '';
}

/** Points of an admission. */
export const FAULT_POINTS: readonly AdmissionStep[] = ['taken', 'admitted', 'appended'];

/** The same points where the config service itself moves a roll-out on or ends it. */
export const ROLLOUT_FAULT_POINTS = (['promote', 'abort'] as const).flatMap((move) =>
  FAULT_POINTS.map((step) => `${move}-${step}` as const),
);

export type FaultPoint = AdmissionStep | (typeof ROLLOUT_FAULT_POINTS)[number];

const ALL_FAULT_POINTS: readonly FaultPoint[] = [...FAULT_POINTS, ...ROLLOUT_FAULT_POINTS];

export type SettingsResult =
  | { readonly ok: true; readonly value: Settings }
  | { readonly ok: false; readonly complaints: readonly string[] };

type Variables = Readonly<Record<string, string | undefined>>;

export function readSettings(variables: Variables): SettingsResult {
  const complaints: string[] = [];
  const text = (name: string, fallback: string) => variables[name]?.trim() || fallback;
  const logLevel = text('LOG_LEVEL', 'info');
  if (!isLevel(logLevel)) complaints.push(`LOG_LEVEL must be a pino level such as info or debug, not "${logLevel}"`);
  const faultAt = text('SLUICE_FAULT_AT', '') as FaultPoint | '';
  if (faultAt !== '' && !ALL_FAULT_POINTS.includes(faultAt)) {
    complaints.push(`SLUICE_FAULT_AT must be one of ${ALL_FAULT_POINTS.join(', ')}, not "${faultAt}"`);
  }
  const log = readLogSettings(variables);
  complaints.push(...log.complaints);
  const value: Settings = {
    store: text('SLUICE_STORE', 'redis://127.0.0.1:6379'),
    logLevel,
    ...log.value,
    signingKey: text('SLUICE_SIGNING_KEY', ''),
    trustedKeys: text('SLUICE_TRUSTED_KEYS', ''),
    publisherKeys: text('SLUICE_PUBLISHER_KEYS', ''),
    faultAt,
  };
  return complaints.length === 0 ? { ok: true, value } : { ok: false, complaints };
}
