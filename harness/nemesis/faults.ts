import type { Fault } from './fault.ts';
import { killAll } from './kill-all.ts';
import { killAny } from './kill-any.ts';
import { killFollower } from './kill-follower.ts';
import { killInSynchronisation } from './kill-in-synchronisation.ts';
import { killLeader } from './kill-leader.ts';
import { pauseLeader } from './pause-leader.ts';

/** Every fault there is, by its name. */
export const FAULTS: ReadonlyMap<string, Fault> = new Map(
  [killAny, killLeader, killFollower, killAll, killInSynchronisation, pauseLeader].map((fault) => [
    fault.name,
    fault,
  ]),
);
