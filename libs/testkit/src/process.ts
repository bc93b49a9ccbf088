// Real processes for tests: started with an environment, read line by line, ended by signal, never left behind.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from './condition.ts';

export interface ProcessOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A process that runs under load for an hour must not fill the memory of whoever watches it. */
const keptCharacters = 8_000_000;
const keptEvents = 20_000;

/** Everything started by this file, so that a test that throws leaves nothing. */
const started = new Set<RealProcess>();

/** Of this process's environment no more than this, so that a test means the same everywhere. */
function inherited(): Record<string, string> {
  const { PATH = '', HOME = '', NODE_COMPILE_CACHE } = process.env;
  return { PATH, HOME, ...(NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }) };
}

export class RealProcess {
  readonly child: ChildProcess;
  readonly name: string;
  /** What it said, of which only the newest part is kept. */
  output = '';
  readonly #events: Record<string, unknown>[] = [];
  #rest = '';
  readonly #exit: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;

  constructor(name: string, command: string, { args = [], env = {}, cwd }: ProcessOptions) {
    this.name = name;
    this.child = spawn(command, args, { env: { ...inherited(), ...env }, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#take(text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#keep(text));
    this.#exit = once(this.child, 'exit').then(([code, signal]) => ({ code, signal }));
    started.add(this);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** JSON lines logged on standard output so far, of which only the newest are kept. */
  events(): readonly Record<string, unknown>[] {
    return this.#events;
  }

  /** The first logged event that fits. */
  event(
    name: string,
    fits: (fields: Record<string, unknown>) => boolean = () => true,
  ): Promise<Record<string, unknown>> {
    return until(
      () => {
        const found = this.events().find((fields) => fields.event === name && fits(fields));
        if (found === undefined && this.ended) throw new Error(`${this.name} ended before "${name}":\n${this.output}`);
        return found;
      },
      () => `event "${name}" of ${this.name}:\n${this.output.slice(-2000)}`,
    );
  }

  #keep(text: string): void {
    this.output += text;
    if (this.output.length > 2 * keptCharacters) this.output = this.output.slice(-keptCharacters);
  }

  #take(text: string): void {
    this.#keep(text);
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() as string;
    for (const line of lines) {
      try {
        if (line.startsWith('{')) this.#events.push(JSON.parse(line));
      } catch {
        // Not every line that begins so is JSON.
      }
    }
    if (this.#events.length > 2 * keptEvents) this.#events.splice(0, this.#events.length - keptEvents);
  }

  exit(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    return this.#exit;
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (!this.ended) this.child.kill(signal);
    started.delete(this);
    return (await this.#exit).code;
  }
}

/** Runs a program to its end. */
export async function run(
  command: string,
  options: ProcessOptions,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { args = [], env = {}, cwd } = options;
  const child = spawn(command, args, { env: { ...inherited(), ...env }, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

/** Ends what a test left; for `after` hooks. A program that ends others of its own is given SIGINT. */
export async function endAll(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  await Promise.all([...started].map((each) => each.end(signal)));
}
