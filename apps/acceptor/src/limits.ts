// What the system allows, told once at start: sessions that fit into the descriptor limit, and a backlog that is cut.
import { checkLimits, limits, linuxEngine, sessionsThatFit } from '@sluice/engine-linux';
import type { Logger } from '@sluice/observe';
import type { Settings } from './settings.ts';

/** Sessions at once that this acceptor takes; 0 = not known here (not Linux): the system refuses by itself. */
export function sessionLimit({ maxSessions, backlog }: Settings, log: Logger): number {
  if (!linuxEngine.supported().ok) return maxSessions;
  const system = limits();
  for (const complaint of checkLimits(system, { maxSessions, backlog }))
    log.warn({ event: 'limit', ...system, maxSessions, backlog }, complaint);
  const fit = sessionsThatFit(system);
  return maxSessions === 0 ? fit : Math.min(maxSessions, fit);
}
