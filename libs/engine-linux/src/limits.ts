// What the system allows this process, against what it was configured for: read once at start, judged by a pure check.
import { readFileSync } from 'node:fs';
import { mostDescriptors } from './ledger.ts';

export interface Limits {
  /** Descriptors this process may have (getrlimit(2), the soft RLIMIT_NOFILE). */
  readonly descriptors: number;
  /** Connections a listener's queue may hold (listen(2), net.core.somaxconn). */
  readonly somaxconn: number;
}

export interface Wanted {
  readonly workers: number;
  /** 0: as many as there is room for. */
  readonly maxSessions: number;
  readonly backlog: number;
}

/** A session has a socket to each side. */
const descriptorsOfSession = 2;
/** Files, listeners, pipes for bulk, and everything of Node's own in the threads that are always there. */
const descriptorsReserved = 256;
/** Epoll sets, eventfds and pipes of a worker thread's own: 7 with Node 26. */
const descriptorsOfWorker = 8;

/** Sessions that fit into the descriptor limit. */
export function sessionsThatFit({ descriptors }: Limits, workers: number): number {
  const usable = Math.min(descriptors, mostDescriptors) - descriptorsReserved - workers * descriptorsOfWorker;
  return Math.max(0, Math.floor(usable / descriptorsOfSession));
}

/** What will not work as configured, one sentence each; empty where all is well. Pure. */
export function checkLimits(limits: Limits, { workers, maxSessions, backlog }: Wanted): string[] {
  const complaints: string[] = [];
  const fit = sessionsThatFit(limits, workers);
  if (fit === 0)
    complaints.push(
      `the descriptor limit of ${limits.descriptors} has room for no session beside the process's own: raise it (ulimit -n, LimitNOFILE=)`,
    );
  else if (maxSessions > fit)
    complaints.push(
      `the descriptor limit of ${limits.descriptors} has room for ${fit} sessions, not for ${maxSessions}: raise it (ulimit -n, LimitNOFILE=)`,
    );
  if (backlog > limits.somaxconn)
    complaints.push(`a backlog of ${backlog} is cut to net.core.somaxconn, ${limits.somaxconn}`);
  return complaints;
}

/** Reads them from the system, for either engine; null where it does not tell (not Linux, no /proc). */
export function limits(): Limits | null {
  try {
    // proc(5): name, soft and hard limit, unit. Node has raised the soft one to the hard one at its start.
    const soft = /^Max open files +(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    const somaxconn = Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8'));
    if (soft === undefined) return null;
    return { descriptors: soft === 'unlimited' ? mostDescriptors : Number(soft), somaxconn };
  } catch {
    return null;
  }
}
