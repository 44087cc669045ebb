import type { SessionIds } from '../session/session-ids.ts';
import type { SessionOwners } from '../session/session-owners.ts';
import type { SessionTracker } from '../session/session-tracker.ts';
import type { Turn } from '../base/turn.ts';
import type { Zxid } from '../base/zxid.ts';
import { Proposer, type TxnSink } from '../pipeline/proposer.ts';
import type { ReadOnlyPath } from '../pipeline/read-only-path.ts';
import { RequestJournal } from '../pipeline/request-journal.ts';
import { QuotaWarnings } from '../pipeline/quota-warnings.ts';
import { ServerCore } from '../pipeline/server-core.ts';
import type { WritePath } from '../pipeline/write-path.ts';
import { AccessControl } from '../tree/acl.ts';
import type { PlanReconfig } from '../tree/prepare-request.ts';
import type { CoreConfig } from './core-config.ts';
import type { LocalReplica } from './local-replica.ts';
import type { Surroundings } from './surroundings.ts';

export interface ServiceParts {
  readonly config: CoreConfig;
  readonly surroundings: Surroundings;
  readonly replica: LocalReplica;
  readonly turn: Turn;
}

/** Opens the replica to clients; whatever is applied from now on is answered. */
export function openService(parts: ServiceParts, writes: WritePath, sessionIds: SessionIds): ServerCore {
  const core = createCore(parts, { writes, sessions: parts.replica.sessions, sessionIds });
  parts.replica.core = core;
  return core;
}

interface CoreParts {
  readonly writes: WritePath;
  readonly sessions: SessionTracker;
  readonly sessionIds: SessionIds;
  readonly readOnly?: ReadOnlyPath;
}

/** Nobody is served by it yet. */
export function createCore(parts: ServiceParts, { sessionIds, ...given }: CoreParts): ServerCore {
  const { config, surroundings, replica, turn } = parts;
  return new ServerCore({
    ...given,
    tree: replica.tree,
    access: accessControl(parts),
    authenticator: surroundings.auth,
    logged: replica.logged,
    turn,
    answerWord: surroundings.answerWord,
    counters: surroundings.counters,
    journal: surroundings.journal ? new RequestJournal(surroundings.journal, turn) : null,
    onBadBytes: surroundings.onBadBytes,
    onApplied: (zxid) => replica.onApplied(zxid),
    frameBytesMax: config.juteMaxBufferBytes,
    limits: config.limits,
    minSessionTimeoutMs: config.minSessionTimeoutMs,
    maxSessionTimeoutMs: config.maxSessionTimeoutMs,
    sessionlessTimeoutMs: config.sessionlessTimeoutMs,
    nextSessionId: () => sessionIds.next(),
    passwordOf: surroundings.passwordOf,
  });
}

/** Serves nobody any more. */
export function closeService(replica: LocalReplica): void {
  const { core } = replica;
  if (core === null) return;
  replica.core = null;
  core.close();
}

/** For who decides on writes: alone, or as a leader. */
export function createProposer(
  { config, surroundings, replica, turn }: ServiceParts,
  options: {
    readonly log: TxnSink;
    readonly lastZxid: Zxid;
    readonly nextZxid: (last: Zxid) => Zxid;
    readonly owners: SessionOwners | null;
    readonly planReconfig: PlanReconfig;
  },
): Proposer {
  return new Proposer({
    tree: replica.tree,
    sessions: replica.sessions,
    access: accessControl({ config, surroundings }),
    clock: surroundings.clock,
    logged: replica.logged,
    turn,
    digestEnabled: config.digestEnabled,
    extendedTypesEnabled: config.extendedTypesEnabled,
    enforceQuota: config.enforceQuota,
    onQuotaExceeded: new QuotaWarnings(surroundings.log, turn).onExceeded,
    limits: config.limits,
    ...options,
  });
}

function accessControl({
  config,
  surroundings,
}: Pick<ServiceParts, 'config' | 'surroundings'>): AccessControl {
  return new AccessControl({ providers: surroundings.auth.providers, skipAcl: config.skipAcl });
}
