// Makes the calling thread give way to the others of this machine, so that no version, however large, takes a core from
// threads that serve connections. Where the system knows no priorities of threads it does nothing.
import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';

/** A third of the share of a thread that serves, where they compete (sched(7), nice values); all of a core where none does. */
const NICENESS = 5;

/** Linux alone: there a thread has a number of its own, and setpriority(2) by that number means the thread. */
export function giveWay(): void {
  if (process.platform !== 'linux') return;
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    if (thread !== process.pid) setPriority(thread, NICENESS);
  } catch {
    // No /proc, or not allowed: it runs as all others do.
  }
}
