// How much of the log is kept, as whoever writes it reads it from its environment. Pure: variables in, settings or complaints out.

export interface LogSettings {
  /** Versions kept readable one by one. */
  readonly retainVersions: number;
  /** Versions after which a checkpoint is written, while admissions go on. */
  readonly checkpointEvery: number;
  /** An acceptor's start reads the newest checkpoint and at most so many entries: admissions wait for a checkpoint before more. */
  readonly replayEntries: number;
}

export interface ReadLogSettings {
  /** With the default where there is a complaint. */
  readonly value: LogSettings;
  readonly complaints: readonly string[];
}

export const DEFAULT_RETAIN_VERSIONS = 1_000;

export const DEFAULT_CHECKPOINT_EVERY = 100;

/** Twice what lies between two checkpoints that are written in time, so that in quiet times no publish waits for one. */
export const DEFAULT_REPLAY_ENTRIES = 2 * DEFAULT_CHECKPOINT_EVERY;

export function readLogSettings(variables: Readonly<Record<string, string | undefined>>): ReadLogSettings {
  const complaints: string[] = [];
  const whole = (name: string, fallback: number, most: number) => {
    const given = variables[name]?.trim() || String(fallback);
    const value = Number(given);
    if (Number.isInteger(value) && value >= 1 && value <= most) return value;
    complaints.push(`${name} must be a whole number from 1 to ${most}, not "${given}"`);
    return fallback;
  };
  const retainVersions = whole('SLUICE_RETAIN_VERSIONS', DEFAULT_RETAIN_VERSIONS, 1_000_000);
  const checkpointEvery = whole('SLUICE_CHECKPOINT_EVERY', DEFAULT_CHECKPOINT_EVERY, 10_000);
  const replayEntries = whole('SLUICE_REPLAY_ENTRIES', 2 * checkpointEvery, 20_000);
  if (replayEntries < checkpointEvery) {
    complaints.push(
      `SLUICE_REPLAY_ENTRIES, ${replayEntries}, must not be below SLUICE_CHECKPOINT_EVERY, ${checkpointEvery}`,
    );
  }
  return { value: { retainVersions, checkpointEvery, replayEntries }, complaints };
}
