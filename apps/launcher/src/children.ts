// The processes of a run: started in groups of their own (so that Ctrl-C reaches only the launcher, which ends them in
// order), logged to a file each, started again if they die, and ended for certain.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A process that dies is started again after this long. */
const restartPauseMs = 1000;

export interface ChildSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** How long after SIGTERM it is killed. */
  readonly stopMs: number;
}

export interface Child {
  readonly name: string;
  readonly logFile: string;
  /** Rejects with its last log lines if the condition does not come; `look` is asked every few milliseconds. */
  until(look: () => Promise<boolean>, timeoutMs: number, what: string): Promise<void>;
  stop(): Promise<void>;
  /** SIGTERM once more, which tells an acceptor that drains to end at once. */
  hurry(): void;
}

/** A process ended before the run was ready, so the run cannot be. */
export class ChildEnded extends Error {
  /** Its exit status; null where a signal ended it. */
  readonly status: number | null;

  constructor(name: string, status: number | null, signal: string | null, logFile: string) {
    super(`${name} ended (${signal ?? `exit ${status}`}):\n${tail(logFile)}`);
    this.status = status;
  }
}

export interface ChildrenOptions {
  readonly root: string;
  readonly logs: string;
  readonly say: (text: string) => void;
  /** The processes that live now; called on each change. */
  readonly onChange: (pids: Readonly<Record<string, number>>) => void;
}

const lookMs = 25;

export class Children {
  readonly #options: ChildrenOptions;
  readonly #children: Child[] = [];
  readonly #running = new Map<string, ChildProcess>();
  readonly #stopping = new AbortController();
  readonly #failed = Promise.withResolvers<never>();
  #ready = false;

  constructor(options: ChildrenOptions) {
    this.#options = options;
    this.#failed.promise.catch(() => {});
  }

  /** Aborted when the run ends: from then on nothing is started, nor started again. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  /**
   * Waits for what makes the run ready. A process that ends before that is a ChildEnded, after it is started again.
   */
  async ready<T>(coming: Promise<T>): Promise<T> {
    const value = await Promise.race([coming, this.#failed.promise]);
    this.#ready = true;
    return value;
  }

  /** Throws an AbortError where the run is ending. */
  start(spec: ChildSpec): Child {
    this.stopping.throwIfAborted();
    const logFile = join(this.#options.logs, `${spec.name}.log`);
    closeSync(openSync(logFile, 'w'));
    let ended = false;
    let process = this.#spawn(spec, logFile);
    const watch = (child: ChildProcess) => {
      child.once('exit', (status, signal) => {
        this.#running.delete(spec.name);
        this.#tell();
        if (ended || this.stopping.aborted) return;
        const end = new ChildEnded(spec.name, status, signal, logFile);
        if (!this.#ready) return this.#failed.reject(end);
        this.#options.say(`${end.message}\n${spec.name} is started again`);
        setTimeout(() => {
          if (ended || this.stopping.aborted) return;
          process = this.#spawn(spec, logFile);
          watch(process);
        }, restartPauseMs);
      });
    };
    watch(process);
    const child: Child = {
      name: spec.name,
      logFile,
      until: async (look, timeoutMs, what) => {
        const late = performance.now() + timeoutMs;
        while (!(await look())) {
          this.stopping.throwIfAborted();
          if (performance.now() > late)
            throw new Error(`${spec.name}: ${what} did not come within ${timeoutMs / 1000} s:\n${tail(logFile)}`);
          await new Promise((resolve) => setTimeout(resolve, lookMs));
        }
      },
      stop: () => {
        ended = true;
        return stopProcess(process, spec.stopMs);
      },
      hurry: () => void process.kill('SIGTERM'),
    };
    this.#children.push(child);
    return child;
  }

  /** Ends them group by group, in the order of the patterns that their names match; starts nothing any more. */
  async stop(order: readonly RegExp[]): Promise<void> {
    this.#stopping.abort();
    for (const group of order)
      await Promise.all(this.#children.filter(({ name }) => group.test(name)).map((child) => child.stop()));
  }

  hurry(group: RegExp): void {
    for (const child of this.#children) if (group.test(child.name)) child.hurry();
  }

  #spawn(spec: ChildSpec, logFile: string): ChildProcess {
    const descriptor = openSync(logFile, 'a');
    const child = spawn(spec.command, spec.args, {
      cwd: this.#options.root,
      env: spec.env,
      detached: true,
      stdio: ['ignore', descriptor, descriptor],
    });
    closeSync(descriptor);
    child.on('error', () => {});
    this.#running.set(spec.name, child);
    this.#tell();
    return child;
  }

  #tell(): void {
    this.#options.onChange(
      Object.fromEntries(
        [...this.#running].map(([name, child]) => [name, child.pid ?? 0]).filter(([, pid]) => pid !== 0),
      ),
    );
  }
}

async function stopProcess(child: ChildProcess, stopMs: number): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), stopMs);
  await exited;
  clearTimeout(kill);
}

const tailLines = 8;

/** The last lines of a log, in words where they are JSON. */
function tail(file: string): string {
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .slice(-tailLines)
    .map((line) => `  ${inWords(line)}`)
    .join('\n');
}

function inWords(line: string): string {
  try {
    const { level, event, msg, reason, error, solve, err } = JSON.parse(line) as Record<string, unknown>;
    const why = new Set([msg, reason, error, (err as Error | undefined)?.message, solve].filter(Boolean));
    return why.size === 0 ? line : `${level} ${event}: ${[...why].join('; ')}`;
  } catch {
    return line;
  }
}
