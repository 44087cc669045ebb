import { unreachable } from '../base/assert.ts';
import type { ObservedRole } from '../base/observer.ts';
import type { Accept, Cancel } from '../base/ports.ts';
import type { ServerId } from '../base/server-id.ts';
import { Turn } from '../base/turn.ts';
import { decodeUtf8 } from '../base/utf8.ts';
import { makeZxid, nextZxid, type Epoch, type Zxid } from '../base/zxid.ts';
import { ClientConnection } from '../pipeline/client-connection.ts';
import { Forwarder } from '../pipeline/forwarder.ts';
import type { Proposer, TxnSink } from '../pipeline/proposer.ts';
import { RefusingConnection } from '../pipeline/refusing-connection.ts';
import type { ServerCore } from '../pipeline/server-core.ts';
import type { WritePath } from '../pipeline/write-path.ts';
import { SessionIds } from '../session/session-ids.ts';
import { SessionOwners } from '../session/session-owners.ts';
import { runScript } from '../storage/disk-script.ts';
import type { StorageError } from '../storage/storage-error.ts';
import { CONFIG_PATH } from '../tree/path.ts';
import type { PlanReconfig } from '../tree/prepare-request.ts';
import type { PeerState } from '../wire/election/notification.ts';
import { ErrorCode } from '../wire/error-code.ts';
import { JuteReader } from '../wire/jute-reader.ts';
import type { AuthId } from '../wire/quorum/auth-id.ts';
import type { ForwardedRequest } from '../wire/quorum/forwarded-request.ts';
import type { ReconfigRequest } from '../wire/records/reconfig.ts';
import { WireError } from '../wire/wire-error.ts';
import { parseConfigText } from '../zab/config-text.ts';
import { Configurations } from '../zab/configurations.ts';
import { ElectionLinks } from '../zab/election-links.ts';
import { Election } from '../zab/election.ts';
import { Leader } from '../zab/leader.ts';
import { Learner } from '../zab/learner.ts';
import type { LearnerLink } from '../zab/learner-link.ts';
import { isObserverIn, type Membership } from '../zab/membership.ts';
import { planReconfig } from '../zab/plan-reconfig.ts';
import type { Vote } from '../zab/vote.ts';
import { EarlyLearner } from './early-learner.ts';
import { closeService, createProposer, openService, type ServiceParts } from './client-service.ts';
import type { CoreConfig, EnsembleCoreConfig } from './core-config.ts';
import { LocalReplica } from './local-replica.ts';
import { ReadOnlyService } from './read-only-service.ts';
import { repeat, repeatAtMultiples } from './repeat.ts';
import type { EnsembleSurroundings } from './surroundings.ts';

const NO_IDS: readonly AuthId[] = [];
/** Learners that came before it was clear that this server leads. */
const EARLY_LEARNERS_MAX = 64;
/** What a packet has besides the txn, the snapshot's record or the request in it. */
const PACKET_OVERHEAD_BYTES = 64 << 10;

/** A leader that does not listen is dead or not the leader: there is nothing to wait for longer than this. */
const CONNECT_LIMIT_MS = 1000;

/**
 * One server of an ensemble: looking for a leader, following or leading, for as long as it lives (protocol §4).
 *
 * Between two roles it settles: whoever it was for stops, everything logged becomes durable and applied, and only
 * then does it vote. So a vote, an ACKEPOCH and a restart all speak of the same history (P9).
 */
export class EnsembleServer {
  readonly replica: LocalReplica;
  readonly #config: CoreConfig;
  readonly #ensemble: EnsembleCoreConfig;
  readonly #surroundings: EnsembleSurroundings;
  readonly #turn: Turn;
  readonly #parts: ServiceParts;
  readonly #configurations: Configurations;
  readonly #links: ElectionLinks;
  readonly #election: Election;
  readonly #sessionIds: SessionIds;
  /** Null where nobody is served without a quorum. */
  readonly #readOnly: ReadOnlyService | null = null;
  readonly #reader = new JuteReader();
  #leader: Leader | null = null;
  #proposer: Proposer | null = null;
  #learner: Learner | null = null;
  #forwarder: Forwarder | null = null;
  #role: ObservedRole = 'looking';
  #lookingSinceMs = 0;
  #core: ServerCore | null = null;
  #cancels: Cancel[] = [];
  /** The role is over, and perhaps it is known who leads next; it is taken down at the end of the turn. */
  #roleEnded: { readonly successor: ServerId | null } | null = null;
  #isSettling = false;
  /** The role that was is on the disk with something, and nothing else may begin before that is done. */
  #isRoleStopping = false;
  #whenRoleStopped: (() => void) | null = null;
  #isStopped = false;
  #early: EarlyLearner[] = [];

  constructor(config: CoreConfig, ensemble: EnsembleCoreConfig, surroundings: EnsembleSurroundings) {
    this.#config = config;
    this.#ensemble = ensemble;
    this.#surroundings = surroundings;
    const { clock, timers, random, log } = surroundings;
    this.#turn = new Turn(clock, surroundings.scheduleEndOfTurn);
    this.#sessionIds = new SessionIds(ensemble.myId, clock.wallMs());
    this.replica = new LocalReplica({
      config,
      windowCountMin: ensemble.commitLogCount,
      windowBytesMax: ensemble.windowBytesMax,
      disk: surroundings.disk,
      clock,
      turn: this.#turn,
      random,
      log,
      observer: surroundings.observer,
      onDurable: () => {
        this.#turn.begin();
        this.#leader?.onDurable();
        this.#learner?.onDurable();
      },
      onBatch: (txnCount) => surroundings.counters.batchWritten(txnCount),
      onSnapshot: (durationMs) => surroundings.counters.snapshotWritten(durationMs),
      onFailure: surroundings.halt,
    });
    this.#parts = { config, surroundings, replica: this.replica, turn: this.#turn };
    const { membership, reconfig, myId: self } = ensemble;
    this.#configurations = new Configurations({
      self,
      committed: membership,
      lastSeen: reconfig?.lastSeen ?? null,
      files: reconfig?.files ?? null,
      onChange: () => this.#onConfigurationChanged(),
    });
    if (ensemble.readOnlyMode)
      this.#readOnly = new ReadOnlyService(this.#parts, this.#configurations, this.#sessionIds);
    this.#links = new ElectionLinks({
      self,
      membership,
      acceptsUnknown: reconfig !== null,
      dialer: surroundings.electionDialer,
      timers,
      log,
      prng: random.fork('election-links'),
      limits: { dialTimeoutMs: ensemble.cnxTimeoutMs, handshakeTimeoutMs: ensemble.quorumCnxnTimeoutMs },
      events: {
        onNotification: (from, notification) => this.#election.onNotification(from, notification),
        onPeerConnected: (id) => this.#election.onPeerConnected(id),
        onPeerLost: () => undefined,
        onPeerDown: (id) => this.#election.onPeerDown(id),
      },
    });
    this.#election = new Election({
      self,
      membership,
      timers,
      log,
      notificationIntervalMinMs: ensemble.minNotificationIntervalMs,
      notificationIntervalMaxMs: ensemble.maxNotificationIntervalMs,
      effects: {
        send: (to, notification) => this.#links.send(to, notification),
        withdraw: () => this.#links.withdraw(),
        onElected: (vote) => this.#begin(vote.leader),
        onDoubt: (why) => this.#endRole(why),
        onNewerConfig: (text, from) => this.#adopt(text, from),
      },
    });
  }

  // ---- for the shell -------------------------------------------------------------------------------------

  /** Recovers from the disk, then takes part. `done` gets the error for which it can't. */
  start(done: (error: StorageError | null) => void): void {
    runScript(this.#surroundings.disk, this.replica.recover(), (error) => {
      if (error === null) this.#recallConfiguration();
      done(error);
      if (error === null && !this.#isStopped) this.#look();
    });
  }

  readonly onClientConnection: Accept = (stream) => {
    const core = this.#leader !== null && !this.#ensemble.leaderServes ? null : this.core;
    if (core === null) {
      const { answerWord, timers } = this.#surroundings;
      const timeoutMs = this.#config.sessionlessTimeoutMs;
      return new RefusingConnection(stream, { answerWord, timers, timeoutMs });
    }
    const connection = new ClientConnection(core, stream);
    core.onConnectionOpened(connection);
    return connection;
  };

  readonly onElectionConnection: Accept = (stream) => this.#links.accept(stream);

  /** Learners come as soon as they know who leads, which may be before that one does. */
  readonly onQuorumConnection: Accept = (stream) => {
    if (this.#leader !== null && this.#roleEnded === null) return this.#leader.onConnection(stream);
    const early = new EarlyLearner(stream);
    if (this.#role !== 'looking' || this.#isStopped) {
      stream.destroy();
      return early;
    }
    this.#early.push(early);
    // Nothing is read from them, so it does not show which of them have gone: the oldest most likely.
    if (this.#early.length > EARLY_LEARNERS_MAX) this.#early.shift()?.stream.destroy();
    return early;
  };

  /** What `Surroundings.scheduleEndOfTurn` has asked for. */
  endOfTurn(): void {
    this.#turn.end();
    if (this.#roleEnded !== null) this.#takeDown();
    this.#leader?.commitAcknowledged();
    this.core?.endTurn();
    if (!this.#isStopped && this.#isOpen) this.replica.flushLog();
    this.#learner?.flush();
    this.#leader?.flush();
  }

  /** Takes part no more, makes durable what was accepted, closes the files. */
  stop(done: () => void): void {
    this.#isStopped = true;
    this.#readOnly?.end();
    this.#election.stop();
    this.#links.close();
    this.#endService();
    this.#dropEarlyLearners();
    this.#stopRole(() => this.replica.stop(done));
  }

  /** Clients are served by it now; without a quorum, those who only read, or nobody and it is null. */
  get core(): ServerCore | null {
    return this.#core ?? this.#readOnly?.core ?? null;
  }

  get role(): ObservedRole {
    return this.#role;
  }

  /** Of the leader; null in every other role. */
  get leader(): Leader | null {
    return this.#leader;
  }

  get vote(): Vote {
    return this.#election.vote;
  }

  /** The members as they are now. */
  get membership(): Membership {
    return this.#configurations.committed;
  }

  get state(): PeerState {
    return this.#election.state;
  }

  // ---- roles ---------------------------------------------------------------------------------------------

  get #isOpen(): boolean {
    return this.replica.isOpen;
  }

  #look(): void {
    this.#enter('looking');
    const { lastLogged, currentEpoch, acceptedEpoch, isMember, isFounder } = this.replica;
    this.#surroundings.observer?.onHistoryReported('election', lastLogged, currentEpoch);
    this.#election.look({
      zxid: lastLogged,
      peerEpoch: currentEpoch,
      isBlank: !isMember,
      // What a replaced disk has promised says nothing of what was there before.
      acceptedEpoch: isFounder ? acceptedEpoch : 0,
    });
  }

  #begin(leader: ServerId): void {
    if (leader === this.#ensemble.myId) this.#lead();
    else this.#follow(leader);
  }

  /** The role was over, and a reconfig says who leads: nobody is looked for, which saves an election. */
  #goOver(leader: ServerId): void {
    if (!this.#configurations.committed.verifier.voters.has(leader)) {
      this.#look();
      return;
    }
    const { lastLogged, currentEpoch } = this.replica;
    this.#election.settle(leader, { zxid: lastLogged, peerEpoch: currentEpoch });
    this.#begin(leader);
  }

  #lead(): void {
    const { clock, timers, disk, log, observer, halt } = this.#surroundings;
    const { myId: self, initLimitMs, syncLimitMs, zxidCounterMax } = this.#ensemble;
    this.#enter('leading');
    const leader = new Leader({
      self,
      configurations: this.#configurations,
      replica: this.replica,
      disk,
      clock,
      timers,
      log,
      observer,
      packetBytesMax: this.#packetBytesMax,
      tickMs: this.#config.tickTimeMs,
      initLimitMs,
      syncLimitMs,
      ...(zxidCounterMax === undefined ? {} : { counterMax: zxidCounterMax }),
      events: {
        onEstablished: (epoch) => this.#serveAsLeader(epoch),
        onCommitted: (zxid) => this.replica.applyThrough(zxid),
        onRequest: (from, request, ids) => this.#onRequest(from, request, ids),
        onTouch: (session) => this.#proposer?.touch(session),
        onRevalidate: (from, session, timeoutMs) =>
          this.#proposer?.revalidate(session, timeoutMs, from) === true,
        onEnded: (why, successor) => this.#endRole(why, successor),
        onFatal: halt,
        beginTurn: () => this.#turn.begin(),
      },
    });
    this.#leader = leader;
    leader.start();
    const early = this.#early;
    this.#early = [];
    for (const learner of early) learner.handTo(leader.onConnection);
  }

  #follow(leaderId: ServerId): void {
    const { clock, timers, disk, log, quorumDialer, observer, halt } = this.#surroundings;
    const { myId: self, initLimitMs, syncLimitMs, connectToLearnerMasterLimitMs } = this.#ensemble;
    const { committed, newest } = this.#configurations;
    const leader =
      committed.members.get(leaderId) ??
      newest.members.get(leaderId) ??
      unreachable('only a member is elected');
    const isObserver = isObserverIn(committed, self);
    this.#enter(isObserver ? 'observing' : 'following');
    this.#learner = new Learner({
      self,
      isObserver,
      isBlank: this.#election.hasAbstained,
      leaderId,
      configurations: this.#configurations,
      leader: leader.quorum,
      replica: this.replica,
      disk,
      clock,
      timers,
      dialer: quorumDialer,
      log,
      observer,
      packetBytesMax: this.#packetBytesMax,
      connectLimitMs: Math.min(connectToLearnerMasterLimitMs, CONNECT_LIMIT_MS),
      initLimitMs,
      syncLimitMs,
      events: {
        onServing: (epoch) => this.#serveAsLearner(epoch),
        onSync: () => this.#core?.onSynced(),
        onRevalidated: (session, isAlive) => this.#core?.onRevalidated(session, isAlive),
        takeTouched: () => this.#forwarder?.takeTouched() ?? [],
        onEnded: (why, { isLeaderDown, successor }) => {
          if (isLeaderDown) this.#election.onPeerDown(leaderId);
          this.#endRole(why, successor);
        },
        onFatal: halt,
        beginTurn: () => this.#turn.begin(),
      },
    });
  }

  #enter(role: ObservedRole): void {
    const { clock, counters, observer } = this.#surroundings;
    if (role === 'looking') this.#lookingSinceMs = clock.monotonicMs();
    else if (this.#role === 'looking') counters.electionDone(clock.monotonicMs() - this.#lookingSinceMs);
    this.#role = role;
    observer?.onRole(role);
    if (role === 'looking') this.#readOnly?.begin();
    else this.#readOnly?.end();
    if (role !== 'looking') this.#surroundings.log.info('Server', role);
    if (role === 'looking' || role === 'leading') return;
    this.#dropEarlyLearners();
  }

  #dropEarlyLearners(): void {
    for (const { stream } of this.#early.splice(0)) stream.destroy();
  }

  /** The role is over. Nobody is served from this moment on; the rest is done when the turn ends. */
  #endRole(why: string, successor: ServerId | null = null): void {
    if (this.#roleEnded !== null || this.#role === 'looking' || this.#isStopped) return;
    this.#surroundings.log.info('Server', `${this.#role} no more: ${why}`);
    this.#roleEnded = { successor };
    this.#endService();
    this.#turn.begin();
  }

  /** The order of a change of role: the old one is stopped, its log drained, the state caught up; then the vote. */
  #takeDown(): void {
    if (this.#isSettling || this.#isStopped) return;
    this.#isSettling = true;
    this.#stopRole(() => {
      if (this.#isStopped) return;
      this.replica.settle(() => {
        this.#isSettling = false;
        const successor = this.#roleEnded?.successor ?? null;
        this.#roleEnded = null;
        if (this.#isStopped) return;
        if (successor === null) this.#look();
        else this.#goOver(successor);
      });
    });
  }

  #stopRole(done: () => void): void {
    const role = this.#leader ?? this.#learner;
    this.#leader = null;
    this.#learner = null;
    if (role === null) {
      if (this.#isRoleStopping) this.#whenRoleStopped = done;
      else done();
      return;
    }
    this.#isRoleStopping = true;
    role.stop(() => {
      this.#isRoleStopping = false;
      done();
      this.#whenRoleStopped?.();
    });
  }

  // ---- configurations ------------------------------------------------------------------------------------

  #onConfigurationChanged(): void {
    const { committed, lastSeen } = this.#configurations;
    this.#links.setMembership(committed, lastSeen);
    this.#election.setMembership(committed, lastSeen);
    this.#readOnly?.showConfiguration();
    this.#surroundings.onMembersChanged(committed);
  }

  /** A reconfig that was logged may have been committed, whether or not that has been kept. */
  #recallConfiguration(): void {
    if (!this.#configurations.areChangeable) return;
    const node = this.replica.tree.get(CONFIG_PATH);
    const data = node?.data ?? null;
    if (node === undefined || data === null || data.length === 0) return;
    try {
      const found = parseConfigText(decodeUtf8(data, 0, data.length));
      // Who may do everything may write the node like any other, which makes no configuration.
      if (found.version === node.mzxid) this.#configurations.recall(found);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#surroundings.log.warn('Server', `${CONFIG_PATH} holds no configuration: ${error.message}`);
    }
    const { committed, lastSeen } = this.#configurations;
    this.#links.setMembership(committed, lastSeen);
    this.#election.setMembership(committed, lastSeen);
  }

  /** Another server knows members that are newer than those this one goes by; who looks for a leader goes by them. */
  #adopt(text: string, from: ServerId): void {
    if (!this.#configurations.areChangeable) return;
    const { disk, log, halt } = this.#surroundings;
    let membership: Membership;
    try {
      membership = parseConfigText(text);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      log.warn('Server', `server ${from} has members that cannot be: ${error.message}`);
      return;
    }
    // Nothing is decided meanwhile; what the others say in the meantime they say again in the next round.
    this.#election.stop();
    runScript(disk, this.#configurations.activate(membership), (error) => {
      if (error !== null) halt(error);
      else if (!this.#isStopped) this.#look();
    });
  }

  // ---- clients -------------------------------------------------------------------------------------------

  #serveAsLeader(epoch: Epoch): void {
    const leader = this.#leader;
    // The election may have ended the role in this very turn, before what the others had sent was read.
    if (leader === null || this.#roleEnded !== null) return;
    const { replica } = this;
    // Every session has all its time again: nobody was there to hear its client.
    replica.sessions.restartClocks(this.#surroundings.clock.monotonicMs());
    const log: TxnSink = {
      begin: (zxid) => replica.beginEntry(zxid),
      end: () => {
        if (!replica.endEntry()) return false;
        const { lastLogged, lastEntry } = replica;
        replica.window.append(lastLogged, lastEntry);
        leader.propose(lastLogged, lastEntry);
        return true;
      },
      flush: () => replica.flushLog(),
    };
    this.#proposer = createProposer(this.#parts, {
      log,
      lastZxid: makeZxid(epoch, 0),
      nextZxid,
      owners: new SessionOwners(),
      planReconfig: (request, zxid) => this.#planReconfig(leader, request, zxid),
    });
    this.#serve(this.#proposer, epoch);
  }

  #planReconfig(leader: Leader, request: ReconfigRequest, zxid: Zxid): ReturnType<PlanReconfig> {
    const { reconfig } = this.#ensemble;
    if (reconfig === null) return { err: ErrorCode.reconfigDisabled, isLate: false };
    const plan = planReconfig(request, {
      configurations: this.#configurations,
      zxid,
      votersMin: reconfig.votersMin,
      isQuorumSynced: (membership) => leader.isQuorumSynced(membership),
    });
    return 'err' in plan ? plan : plan.text;
  }

  #serveAsLearner(epoch: Epoch): void {
    const line = this.#learner;
    if (line === null || this.#roleEnded !== null) return;
    const { replica } = this;
    this.#forwarder = new Forwarder({
      line,
      sessions: replica.sessions,
      turn: this.#turn,
      lastLogged: () => replica.lastLogged,
      limits: this.#config.limits,
    });
    this.#serve(this.#forwarder, epoch);
  }

  #serve(writes: WritePath, epoch: Epoch): void {
    const { timers, observer, log } = this.#surroundings;
    const { tickTimeMs, containerCheckIntervalMs, containerMaxPerMinute } = this.#config;
    const { text, version } = this.#configurations.committed;
    this.replica.tree.showConfig(text, version as Zxid, this.#surroundings.clock.wallMs());
    const core = openService(this.#parts, writes, this.#sessionIds);
    this.#core = core;
    this.#cancels = [
      repeatAtMultiples(this.#surroundings, tickTimeMs, () => core.onTick()),
      repeat(timers, containerCheckIntervalMs, () => core.reap(containerMaxPerMinute)),
    ];
    this.#election.updateVoteEpoch(epoch);
    log.info('Server', `serving as ${this.#role === 'leading' ? 'leader' : 'learner'} in epoch ${epoch}`);
    observer?.onServing(true, this.replica.lastApplied);
  }

  #endService(): void {
    for (const cancel of this.#cancels.splice(0)) cancel();
    this.#proposer?.close();
    this.#proposer = null;
    this.#forwarder = null;
    if (this.#core === null) return;
    this.#core = null;
    closeService(this.replica);
    this.#surroundings.observer?.onServing(false, this.replica.lastApplied);
  }

  /** A learner's client wants something written. */
  #onRequest(from: LearnerLink, request: ForwardedRequest, ids: readonly AuthId[] | null): void {
    const { sessionId: session, cxid: xid, type: opcode, body } = request;
    const reader = this.#reader;
    reader.reset(body, new DataView(body.buffer, body.byteOffset, body.byteLength), 0, body.length);
    const remote = { session, xid, opcode, ids: ids ?? NO_IDS, owner: from };
    try {
      this.#proposer?.submitRemote(remote, reader);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      // It has its place in the order like any refused write, or its client would wait for ever (trap 83).
      this.#proposer?.refuseRemote(remote);
    }
  }

  get #packetBytesMax(): number {
    return 2 * this.#config.juteMaxBufferBytes + PACKET_OVERHEAD_BYTES;
  }
}
