// Smaller cores for `bench peers`: each of a proxy's cores is a share of a real one, so that the load, which has what is
// left, keeps ahead of a proxy that has all cores of the machine. By the bandwidth control of cgroup v1 (the kernel's
// Documentation/scheduler/sched-bwc.rst); with cgroup v2 alone threads could not be told apart this simply.
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { family } from './bench-peers-process.ts';

/** Short, so that a thread that has had its share does not wait for long. */
const periodMicroseconds = 10_000;

export class CoreShares {
  readonly #parent: string;
  readonly #percent: number;
  /** Innermost last. */
  readonly #groups: string[] = [];

  /** `percent`: of a real core, 1..100. Throws where cgroup v1's cpu controller is not mounted or not ours to write. */
  constructor(percent: number) {
    this.#percent = percent;
    const mounted = cpuController(readFileSync('/proc/self/mountinfo', 'utf8'));
    if (mounted === null)
      throw new Error('--core-share needs the cpu controller of cgroup v1, which is not mounted on this machine');
    this.#parent = join(mounted, `sluice-bench-${process.pid}`);
    this.#make(this.#parent, null);
  }

  /** From now on the process and its children have `cores` such cores, and none of their threads more than one. */
  limit(name: string, pid: number, cores: number): void {
    const whole = join(this.#parent, name);
    this.#make(whole, cores);
    for (const each of family(pid)) {
      for (const thread of readdirSync(`/proc/${each}/task`)) {
        const group = cores === 1 ? whole : join(whole, thread);
        if (group !== whole) this.#make(group, 1);
        // v1: cgroup.procs takes a process, tasks a thread.
        writeFileSync(join(group, 'tasks'), thread);
      }
    }
  }

  /** For when the processes have ended. */
  remove(): void {
    for (const group of this.#groups.splice(0).reverse()) rmdirSync(group);
  }

  #make(group: string, cores: number | null): void {
    mkdirSync(group);
    this.#groups.push(group);
    if (cores === null) return;
    writeFileSync(join(group, 'cpu.cfs_period_us'), String(periodMicroseconds));
    writeFileSync(
      join(group, 'cpu.cfs_quota_us'),
      String(Math.round((periodMicroseconds * cores * this.#percent) / 100)),
    );
  }
}

/** Where cgroup v1's cpu controller is mounted (proc_pid_mountinfo(5)); null where it is not. */
export function cpuController(mountinfo: string): string | null {
  for (const line of mountinfo.split('\n')) {
    const [mount = '', filesystem = ''] = line.split(' - ');
    const [type, , options = ''] = filesystem.split(' ');
    if (type === 'cgroup' && options.split(',').includes('cpu')) return mount.split(' ')[4] ?? null;
  }
  return null;
}
