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
  pid(): number;
  /** Rejects with its last log lines if it ends before the condition holds; `look` is asked every few milliseconds. */
  until(look: () => Promise<boolean>, timeoutMs: number, what: string): Promise<void>;
  stop(): Promise<void>;
  /** SIGTERM once more, which tells an acceptor that drains to end at once. */
  hurry(): void;
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

  constructor(options: ChildrenOptions) {
    this.#options = options;
  }

  /** Aborted when the run ends: from then on nothing is started, nor started again. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Throws an AbortError where the run is ending. */
  start(spec: ChildSpec): Child {
    this.stopping.throwIfAborted();
    const logFile = join(this.#options.logs, `${spec.name}.log`);
    closeSync(openSync(logFile, 'w'));
    let ended = false;
    let process = this.#spawn(spec, logFile);
    const watch = (child: ChildProcess) => {
      child.once('exit', (code, signal) => {
        this.#running.delete(spec.name);
        this.#tell();
        if (ended || this.stopping.aborted) return;
        if (!ready) {
          failed.reject(new Error(`${spec.name} ended (${signal ?? `exit ${code}`}):\n${tail(logFile)}`));
          return;
        }
        this.#options.say(`${spec.name} ended (${signal ?? `exit ${code}`}) and is started again; see ${logFile}`);
        setTimeout(() => {
          if (ended || this.stopping.aborted) return;
          process = this.#spawn(spec, logFile);
          watch(process);
        }, restartPauseMs);
      });
    };
    let ready = false;
    const failed = Promise.withResolvers<never>();
    failed.promise.catch(() => {});
    watch(process);
    const child: Child = {
      name: spec.name,
      logFile,
      pid: () => process.pid ?? 0,
      until: async (look, timeoutMs, what) => {
        const late = performance.now() + timeoutMs;
        const looking = (async () => {
          while (!(await look())) {
            this.stopping.throwIfAborted();
            if (performance.now() > late)
              throw new Error(`${spec.name}: ${what} did not come within ${timeoutMs / 1000} s:\n${tail(logFile)}`);
            await new Promise((resolve) => setTimeout(resolve, lookMs));
          }
        })();
        await Promise.race([looking, failed.promise]);
        ready = true;
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

function tail(file: string): string {
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .slice(-tailLines)
    .map((line) => `  ${line}`)
    .join('\n');
}
