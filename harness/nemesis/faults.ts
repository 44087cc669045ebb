import type { Fault } from './fault.ts';
import { killAll } from './faults/kill-all.ts';
import { killAny } from './faults/kill-any.ts';
import { killFollower } from './faults/kill-follower.ts';
import { killInSynchronisation } from './faults/kill-in-synchronisation.ts';
import { killLeader } from './faults/kill-leader.ts';
import { killMajority } from './faults/kill-majority.ts';
import { killMinority } from './faults/kill-minority.ts';
import { pauseFollower } from './faults/pause-follower.ts';
import { pauseLeader } from './faults/pause-leader.ts';
import { pauseMinority } from './faults/pause-minority.ts';

const ALL: readonly Fault[] = [
  killAny,
  killLeader,
  killFollower,
  killMinority,
  killMajority,
  killAll,
  killInSynchronisation,
  pauseLeader,
  pauseFollower,
  pauseMinority,
];

/** Every fault there is, by its name. */
export const FAULTS: ReadonlyMap<string, Fault> = new Map(ALL.map((fault) => [fault.name, fault]));
