// Options of a program under scripts/: `--help` answers, and what is not an option or not in range is refused with exit 2.
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

type Values<O extends ParseArgsOptionsConfig> = ReturnType<typeof parseArgs<{ options: O }>>['values'];

export interface CommandLine<O extends ParseArgsOptionsConfig> {
  readonly values: Values<O>;
  /** Ends the program. */
  readonly refuse: (complaint: string) => never;
  /** An option that is a whole number; what it is where it is not given comes from its `default`. */
  readonly whole: (name: keyof O & string, least: number, most: number) => number;
}

/** `help` begins with the line `Usage: NAME ...`, whose NAME is told with a complaint. */
export function readCommandLine<const O extends ParseArgsOptionsConfig>(help: string, options: O): CommandLine<O> {
  const command = /^Usage: ((?:node )?\S+(?: [a-z]+)*)/.exec(help)?.[1] ?? '';
  const refuse = (complaint: string): never => {
    process.stderr.write(`${complaint}\nSee ${command} --help\n`);
    process.exit(2);
  };
  let values: Record<string, unknown>;
  try {
    ({ values } = parseArgs({ options: { ...options, help: { type: 'boolean', short: 'h' } } }));
  } catch (cause) {
    return refuse((cause as Error).message);
  }
  if (values.help === true) {
    process.stdout.write(help);
    process.exit(0);
  }
  const whole = (name: string, least: number, most: number) => {
    const given = values[name];
    const value = Number(given);
    if (given !== '' && Number.isInteger(value) && value >= least && value <= most) return value;
    return refuse(`--${name} must be a whole number from ${least} to ${most}, not "${given}"`);
  };
  return { values: values as Values<O>, refuse, whole };
}
