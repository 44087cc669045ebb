import type { Fault } from './fault.ts';
import { bandwidth } from './faults/bandwidth.ts';
import { bitFlipInLog } from './faults/bit-flip-in-log.ts';
import { bitFlipInSnapshot } from './faults/bit-flip-in-snapshot.ts';
import { clockDrift } from './faults/clock-drift.ts';
import { clockJump, clockSkew, clockStrobe } from './faults/clock-offset.ts';
import { corruptElection } from './faults/corrupt-election.ts';
import { deafenLeader } from './faults/deafen-leader.ts';
import { diskFull } from './faults/disk-full.ts';
import { flushError } from './faults/flush-error.ts';
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
import { loseUnflushed } from './faults/lose-unflushed.ts';
import { loss } from './faults/loss.ts';
import { muteLeader } from './faults/mute-leader.ts';
import { partitionBridge } from './faults/partition-bridge.ts';
import { partitionHalves } from './faults/partition-halves.ts';
import { partitionRing } from './faults/partition-ring.ts';
import { pauseFollower } from './faults/pause-follower.ts';
import { pauseLeader } from './faults/pause-leader.ts';
import { pauseMinority } from './faults/pause-minority.ts';
import { reconfigOutAndIn } from './faults/reconfig-out-and-in.ts';
import { replaceMember } from './faults/replace-member.ts';
import { resetClients } from './faults/reset-clients.ts';
import { resetConnections } from './faults/reset-connections.ts';
import { rollingRestart } from './faults/rolling-restart.ts';
import { slicer } from './faults/slicer.ts';
import { slowClose } from './faults/slow-close.ts';
import { slowFlush } from './faults/slow-flush.ts';
import { tornLastWrite } from './faults/torn-last-write.ts';

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
  rollingRestart,
  replaceMember,
  reconfigOutAndIn,
  clockJump,
  clockSkew,
  clockStrobe,
  clockDrift,
  diskFull,
  slowFlush,
  flushError,
  loseUnflushed,
  tornLastWrite,
  bitFlipInLog,
  bitFlipInSnapshot,
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
