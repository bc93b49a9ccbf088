// All that a config service reads from its environment, in one place. Pure: variables in, settings or complaints out.
import { isLevel } from '@sluice/observe';
import type { AdmissionStep } from '@sluice/store';

export interface Settings {
  readonly store: string;
  readonly logLevel: string;
  /** Versions kept readable one by one. */
  readonly retainVersions: number;
  /** Versions after which a checkpoint is written, while admissions go on. */
  readonly checkpointEvery: number;
  /** An acceptor's start reads the newest checkpoint and at most so many entries: admissions wait for a checkpoint before more. */
  readonly replayEntries: number;
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
  const whole = (name: string, fallback: number, least: number, most: number) => {
    const given = text(name, String(fallback));
    const value = Number(given);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    complaints.push(`${name} must be a whole number from ${least} to ${most}, not "${given}"`);
    return fallback;
  };
  const logLevel = text('LOG_LEVEL', 'info');
  if (!isLevel(logLevel)) complaints.push(`LOG_LEVEL must be a pino level such as info or debug, not "${logLevel}"`);
  const faultAt = text('SLUICE_FAULT_AT', '') as FaultPoint | '';
  if (faultAt !== '' && !ALL_FAULT_POINTS.includes(faultAt)) {
    complaints.push(`SLUICE_FAULT_AT must be one of ${ALL_FAULT_POINTS.join(', ')}, not "${faultAt}"`);
  }
  const checkpointEvery = whole('SLUICE_CHECKPOINT_EVERY', 100, 1, 10_000);
  const replayEntries = whole('SLUICE_REPLAY_ENTRIES', 2 * checkpointEvery, 1, 20_000);
  if (replayEntries < checkpointEvery) {
    complaints.push(
      `SLUICE_REPLAY_ENTRIES, ${replayEntries}, must not be below SLUICE_CHECKPOINT_EVERY, ${checkpointEvery}`,
    );
  }
  const value: Settings = {
    store: text('SLUICE_STORE', 'redis://127.0.0.1:6379'),
    logLevel,
    retainVersions: whole('SLUICE_RETAIN_VERSIONS', 1_000, 1, 1_000_000),
    checkpointEvery,
    replayEntries,
    signingKey: text('SLUICE_SIGNING_KEY', ''),
    trustedKeys: text('SLUICE_TRUSTED_KEYS', ''),
    publisherKeys: text('SLUICE_PUBLISHER_KEYS', ''),
    faultAt,
  };
  return complaints.length === 0 ? { ok: true, value } : { ok: false, complaints };
}
