// What the system allows, told once at start: sessions that fit into the descriptor limit, a backlog that is cut, and bulk
// that must be copied.
import type { EngineName } from '@sluice/engine';
import { checkLimits, limits, sessionsThatFit, spliceRefusal } from '@sluice/engine-linux';
import type { Logger } from '@sluice/observe';
import type { Settings } from './settings.ts';

/** Sessions at once that this acceptor takes; 0 = no limit of ours, as none is known or none would fit: the system's holds. */
export function sessionLimit({ workers, maxSessions, backlog }: Settings, log: Logger): number {
  const system = limits();
  if (system === null) return maxSessions;
  for (const complaint of checkLimits(system, { workers, maxSessions, backlog }))
    log.warn({ event: 'limit', ...system, maxSessions, backlog }, complaint);
  const fit = sessionsThatFit(system, workers);
  return maxSessions === 0 || fit === 0 ? fit || maxSessions : Math.min(maxSessions, fit);
}

export function tellEngineLimits(engine: EngineName, log: Logger): void {
  const reason = engine === 'linux' ? spliceRefusal() : null;
  if (reason !== null) log.warn({ event: 'splice-refused', reason }, 'bulk is copied instead, which costs more');
}
