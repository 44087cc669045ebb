import { resolve } from 'node:path';
import type { ServerId } from './base/server-id.ts';
import { problemAt, type ConfigSettings } from './config-settings.ts';
import type { ConfigSource } from './config-source.ts';
import { INT_MAX } from './config-value.ts';
import { lineOf, type MemberList } from './ensemble-members.ts';
import type { ReconfigCoreConfig } from './ensemble/core-config.ts';
import { readMyId } from './my-id.ts';
import { ConfigurationFiles } from './storage/configuration-files.ts';
import type { Member, Membership } from './zab/membership.ts';

/**
 * What zoo.cfg, the dynamic file and `myid` say to one server of an ensemble. Names follow the file's keys
 * (protocol §5.5); what the file counts in ticks is in milliseconds here (`ServerConfig.tickTimeMs`).
 */
export interface EnsembleConfig {
  /** What `<dataDir>/myid` says; always a member. */
  readonly myId: ServerId;
  /** The member this server is. */
  readonly self: Member;
  readonly membership: Membership;
  /** Null where the members never change. */
  readonly reconfig: ReconfigCoreConfig | null;

  /** How long a learner may take to find the leader, and to be brought up to date. */
  readonly initLimitMs: number;
  /** How long either side of leader and learner may hear nothing of the other. */
  readonly syncLimitMs: number;
  /** For connecting to the leader, all attempts together: `initLimitMs` when not set. */
  readonly connectToLearnerMasterLimitMs: number;
  /** Between two attempts to connect to the leader. */
  readonly leaderConnectDelayDuringRetryMs: number;
  /** For connecting to a peer's election port. */
  readonly cnxTimeoutMs: number;
  /** For the first message on an election connection: `syncLimitMs` when not set. */
  readonly quorumCnxnTimeoutMs: number;
  /** How often binding the election port is tried; 0: for ever. */
  readonly electionPortBindRetry: number;
  /** Whether the quorum port and the election port are bound on every address, not only the line's. */
  readonly quorumListenOnAllIPs: boolean;
  /** How long an election waits for notifications before it sends its own again: at first … */
  readonly minNotificationIntervalMs: number;
  /** … and at most, after doubling. */
  readonly maxNotificationIntervalMs: number;

  /** Whether the leader serves clients. */
  readonly leaderServes: boolean;
  /** Whether clients that can do with that are served without a quorum. */
  readonly readOnlyMode: boolean;
  /** Whether an observer writes the log and snapshots. */
  readonly syncEnabled: boolean;
  /** How many committed txns a leader keeps in memory for learners that come back. */
  readonly commitLogCount: number;
  /** A learner that lacks more log than this share of the snapshot's size gets the snapshot; below 0: always. */
  readonly snapshotSizeFactor: number;
  /** Learners that are sent a snapshot, or a part of the log, at the same time. */
  readonly maxConcurrentSnapSyncs: number;
  readonly maxConcurrentDiffSyncs: number;
}

export interface EnsembleSource {
  readonly source: ConfigSource;
  readonly dataDir: string;
}

/**
 * `null`: this server runs alone.
 *
 * @throws ConfigError
 */
export function readEnsemble(
  settings: ConfigSettings,
  list: MemberList | null,
  from: EnsembleSource,
): EnsembleConfig | null {
  if (!isEnsemble(settings, list)) {
    if (settings.value('peerType') === 'observer')
      settings.warn('peerType', 'has no effect on a single server');
    return null;
  }
  const self = findSelf(list, from);
  const { source } = from;
  warnOfSize(settings, list);
  warnOfPeerType(settings, self);
  const initLimitMs = ticks(settings, 'initLimit');
  const syncLimitMs = ticks(settings, 'syncLimit');
  const quorumCnxnTimeoutMs = settings.value('quorumCnxnTimeoutMs');
  return Object.freeze({
    myId: self.id,
    self,
    membership: list.membership,
    reconfig: settings.value('reconfigEnabled') ? readReconfig(settings, list, source) : null,
    initLimitMs,
    syncLimitMs,
    connectToLearnerMasterLimitMs: ticks(settings, 'connectToLearnerMasterLimit') || initLimitMs,
    leaderConnectDelayDuringRetryMs: settings.value('leaderConnectDelayDuringRetryMs'),
    cnxTimeoutMs: settings.value('cnxTimeout'),
    quorumCnxnTimeoutMs: quorumCnxnTimeoutMs > 0 ? quorumCnxnTimeoutMs : syncLimitMs,
    electionPortBindRetry: settings.value('electionPortBindRetry'),
    quorumListenOnAllIPs: settings.value('quorumListenOnAllIPs'),
    ...readNotificationIntervals(settings),
    leaderServes: settings.value('leaderServes'),
    readOnlyMode: settings.value('readonlymode.enabled'),
    syncEnabled: settings.value('observer.syncEnabled') ?? settings.value('syncEnabled'),
    commitLogCount: readCommitLogCount(settings),
    snapshotSizeFactor: settings.value('snapshotSizeFactor'),
    maxConcurrentSnapSyncs: settings.value('leader.maxConcurrentSnapSyncs'),
    maxConcurrentDiffSyncs: settings.value('leader.maxConcurrentDiffSyncs'),
  });
}

/** Not so for one participant, unless standaloneEnabled=false asks for an ensemble of one. */
function isEnsemble(settings: ConfigSettings, list: MemberList | null): list is MemberList {
  const isAlone = settings.value('standaloneEnabled');
  if (list === null) {
    if (isAlone) return false;
    throw settings.problem('standaloneEnabled', {
      code: 'MISSING',
      expected: 'there is no server.N line, and no ensemble without one',
      advice: 'list this server as server.1=host:quorumPort:electionPort, or remove the line',
    });
  }
  const { members, verifier } = list.membership;
  if (!isAlone || verifier.voters.size > 1) return true;
  const observer = [...members.values()].find((member) => member.role === 'observer');
  if (observer === undefined) return false;
  throw problemAt(lineOf(list, observer.id), {
    code: 'CONFLICT',
    expected: 'an observer of a single participant, which standaloneEnabled=true lets run alone',
    advice: 'set standaloneEnabled=false on every server, or remove the line',
  });
}

function findSelf({ membership, file }: MemberList, { source, dataDir }: EnsembleSource): Member {
  const myId = readMyId(dataDir, source);
  const self = membership.members.get(myId.id);
  if (self !== undefined) return self;
  const others = [...membership.members.keys()].map((id) => `server.${id}`).join(', ');
  throw problemAt(myId, {
    code: 'CONFLICT',
    expected: `${file} lists ${others}, and no server.${myId.id}`,
    advice: 'correct the number, or add the line on every server',
  });
}

function warnOfSize(settings: ConfigSettings, { membership, file }: MemberList): void {
  const count = membership.verifier.voters.size;
  const participants = `${count} participant${count === 1 ? '' : 's'}`;
  if (count <= 2) {
    settings.remark(`${file}: ${participants}: no server may fail, which takes at least 3`);
  } else if (count % 2 === 0) {
    settings.remark(`${file}: ${participants}: no more of them may fail than of ${count - 1}`);
  }
}

function warnOfPeerType(settings: ConfigSettings, self: Member): void {
  const peerType = settings.value('peerType');
  if (peerType === null || peerType === self.role) return;
  settings.warn('peerType', `has no effect: the line server.${self.id} says ${self.role}`);
}

function readReconfig(
  settings: ConfigSettings,
  { next }: MemberList,
  { file, cwd }: ConfigSource,
): ReconfigCoreConfig {
  return {
    files: new ConfigurationFiles(resolve(cwd, file)),
    lastSeen: next,
    votersMin: settings.value('standaloneEnabled') ? 2 : 1,
  };
}

function ticks(
  settings: ConfigSettings,
  key: 'initLimit' | 'syncLimit' | 'connectToLearnerMasterLimit',
): number {
  const count = settings.value(key);
  const tickTimeMs = settings.value('tickTime');
  if (count === null) {
    throw settings.problem(key, {
      code: 'MISSING',
      expected: `${key} is not set, and the servers of an ensemble need it`,
      advice: `add ${key}=${key === 'initLimit' ? 10 : 5}, in ticks of ${tickTimeMs} ms, on every server`,
    });
  }
  if (count * tickTimeMs <= INT_MAX) return count * tickTimeMs;
  throw settings.problem(key, {
    code: 'BAD_VALUE',
    expected: `must be at most ${Math.floor(INT_MAX / tickTimeMs)} ticks of ${tickTimeMs} ms`,
    advice: 'correct the value, or make tickTime smaller',
  });
}

function readNotificationIntervals(settings: ConfigSettings) {
  const minNotificationIntervalMs = settings.value('fastleader.minNotificationInterval');
  const maxNotificationIntervalMs = settings.value('fastleader.maxNotificationInterval');
  if (minNotificationIntervalMs > maxNotificationIntervalMs) {
    throw settings.problem('fastleader.minNotificationInterval', {
      code: 'CONFLICT',
      expected: `must not be larger than fastleader.maxNotificationInterval (${maxNotificationIntervalMs} ms)`,
      advice: 'change one of them, or remove both to use 200 and 60000',
    });
  }
  return { minNotificationIntervalMs, maxNotificationIntervalMs };
}

/** Apache keeps at least this many whatever the file says. */
const COMMIT_LOG_COUNT_MIN = 500;

function readCommitLogCount(settings: ConfigSettings): number {
  const count = settings.value('commitLogCount');
  if (count >= COMMIT_LOG_COUNT_MIN) return count;
  settings.warn('commitLogCount', `${count} is less than ${COMMIT_LOG_COUNT_MIN}, which is used instead`);
  return COMMIT_LOG_COUNT_MIN;
}
