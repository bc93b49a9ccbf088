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
  readonly #running = new Map<string, ChildProcess>();
  #stopping = false;

  constructor(options: ChildrenOptions) {
    this.#options = options;
  }

  start(spec: ChildSpec): Child {
    const logFile = join(this.#options.logs, `${spec.name}.log`);
    closeSync(openSync(logFile, 'w'));
    let ended = false;
    let process = this.#spawn(spec, logFile);
    const watch = (child: ChildProcess) => {
      child.once('exit', (code, signal) => {
        this.#running.delete(spec.name);
        this.#tell();
        if (ended || this.#stopping) return;
        if (!ready) {
          failed.reject(new Error(`${spec.name} ended (${signal ?? `exit ${code}`}):\n${tail(logFile)}`));
          return;
        }
        this.#options.say(`${spec.name} ended (${signal ?? `exit ${code}`}) and is started again; see ${logFile}`);
        setTimeout(() => {
          if (ended || this.#stopping) return;
          process = this.#spawn(spec, logFile);
          watch(process);
        }, restartPauseMs);
      });
    };
    let ready = false;
    const failed = Promise.withResolvers<never>();
    failed.promise.catch(() => {});
    watch(process);
    return {
      name: spec.name,
      logFile,
      pid: () => process.pid ?? 0,
      until: async (look, timeoutMs, what) => {
        const late = performance.now() + timeoutMs;
        const looking = (async () => {
          while (!(await look())) {
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
    };
  }

  /** From here on nothing is started again. */
  beginStop(): void {
    this.#stopping = true;
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
