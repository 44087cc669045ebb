import type { Fault } from './fault.ts';
import { bandwidth } from './faults/bandwidth.ts';
import { corruptElection } from './faults/corrupt-election.ts';
import { deafenLeader } from './faults/deafen-leader.ts';
import { isolateFollower } from './faults/isolate-follower.ts';
import { isolateLeader } from './faults/isolate-leader.ts';
import { jitter } from './faults/jitter.ts';
import { killAll } from './faults/kill-all.ts';
import { killAny } from './faults/kill-any.ts';
import { killFollower } from './faults/kill-follower.ts';
import { killInSynchronisation } from './faults/kill-in-synchronisation.ts';
import { killLeader } from './faults/kill-leader.ts';
import { killMajority } from './faults/kill-majority.ts';
import { killMinority } from './faults/kill-minority.ts';
import { latency } from './faults/latency.ts';
import { loss } from './faults/loss.ts';
import { muteLeader } from './faults/mute-leader.ts';
import { partitionBridge } from './faults/partition-bridge.ts';
import { partitionHalves } from './faults/partition-halves.ts';
import { partitionRing } from './faults/partition-ring.ts';
import { pauseFollower } from './faults/pause-follower.ts';
import { pauseLeader } from './faults/pause-leader.ts';
import { pauseMinority } from './faults/pause-minority.ts';
import { resetClients } from './faults/reset-clients.ts';
import { resetConnections } from './faults/reset-connections.ts';
import { slicer } from './faults/slicer.ts';
import { slowClose } from './faults/slow-close.ts';

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
  partitionHalves,
  partitionBridge,
  partitionRing,
  isolateLeader,
  isolateFollower,
  muteLeader,
  deafenLeader,
  latency,
  jitter,
  bandwidth,
  loss,
  slicer,
  slowClose,
  resetConnections,
  resetClients,
  corruptElection,
];

/** Every fault there is, by its name. */
export const FAULTS: ReadonlyMap<string, Fault> = new Map(ALL.map((fault) => [fault.name, fault]));

const named = (...prefixes: readonly string[]): Fault[] =>
  ALL.filter(({ name }) => prefixes.some((prefix) => name.startsWith(prefix)));

/** Names for several of them. */
export const FAULT_GROUPS: ReadonlyMap<string, readonly Fault[]> = new Map([
  ['kill', named('kill-')],
  ['pause', named('pause-')],
  ['partition', named('partition-', 'isolate-', 'mute-', 'deafen-')],
  ['network', ALL.filter(({ needs }) => needs.network === true)],
]);
