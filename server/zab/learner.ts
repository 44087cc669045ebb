import type { Clock, Dialer, Endpoint, Timers } from '../base/ports.ts';
import type { Log } from '../base/log.ts';
import type { Observer } from '../base/observer.ts';
import type { ServerId } from '../base/server-id.ts';
import { type SessionId } from '../base/session-id.ts';
import { counterOf, epochOf, formatZxid, makeZxid, ZXID_ZERO, type Epoch, type Zxid } from '../base/zxid.ts';
import type { Disk } from '../storage/disk.ts';
import type { AuthId } from '../wire/quorum/auth-id.ts';
import { JuteReader } from '../wire/jute-reader.ts';
import { writeAckEpoch } from '../wire/quorum/ack-epoch.ts';
import { PROTOCOL_VERSION, writeLearnerInfo } from '../wire/quorum/learner-info.ts';
import { PacketDecoder } from '../wire/quorum/packet-decoder.ts';
import {
  beginPacket,
  endPacket,
  NO_ZXID,
  PacketType,
  writeEmptyPacket,
} from '../wire/quorum/quorum-packet.ts';
import { writeForwardedRequest, type ForwardedRequest } from '../wire/quorum/forwarded-request.ts';
import { readCommitAndActivate, readInformAndActivate } from '../wire/quorum/activate.ts';
import { readConfigText } from '../wire/quorum/new-leader.ts';
import { readRevalidateReply, writeRevalidateRequest } from '../wire/quorum/revalidate.ts';
import { SnapshotStreamReader } from '../wire/quorum/snapshot-stream.ts';
import { writeSessionTouch } from '../wire/quorum/session-touch.ts';
import { WireError } from '../wire/wire-error.ts';
import { parseConfigText } from './config-text.ts';
import type { Configurations } from './configurations.ts';
import { LeaderCall } from './leader-call.ts';
import type { Membership } from './membership.ts';
import type { PeerOutput } from './peer-output.ts';
import { isReconfig, membershipIn } from './reconfig-entry.ts';
import type { Replica } from './replica.ts';
import { endOutdatedRole } from './role-change.ts';
import { RoleEnded, RoleScriptRun, type RoleScript } from './role-script.ts';

/** Outstanding here and not durable yet; beyond it nothing is read, and the leader sees to a learner that stands. */
const UNFLUSHED_BYTES_MAX = 64 << 20;

export interface LearnerEvents {
  /** Synchronised: clients may be served. */
  onServing(epoch: Epoch): void;
  /** Everything that was committed when the oldest unanswered `sync` came to the leader is applied. */
  onSync(): void;
  onRevalidated(session: SessionId, isValid: boolean): void;
  /** Sessions heard from since the last call, with their timeouts in ms. */
  takeTouched(): Iterable<readonly [SessionId, number]>;
  /**
   * The role is over, by itself; called once. `stop` is still the owner's to call.
   */
  onEnded(why: string, end: LearnerEnd): void;
  /** The disk failed: nothing this server says can be relied on any more. */
  onFatal(error: Error): void;
  /** Output has been written: `flush` is wanted at the end of the turn. */
  beginTurn(): void;
}

/** What is known of the leader when its learner comes to its end. */
export interface LearnerEnd {
  /** There is good reason to believe that it is not running. */
  readonly isLeaderDown: boolean;
  /** Who leads from now on, where a reconfig has said so. */
  readonly successor: ServerId | null;
}

export interface LearnerOptions {
  readonly self: ServerId;
  /** Otherwise it follows, whether or not it has a vote. */
  readonly isObserver: boolean;
  /** It has nothing by which it could tell a leader from another, and must not help to make one (B05). */
  readonly isBlank: boolean;
  readonly configurations: Configurations;
  readonly leaderId: ServerId;
  readonly leader: Endpoint;
  readonly replica: Replica;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly dialer: Dialer;
  readonly log: Log;
  readonly observer: Observer | null;
  readonly packetBytesMax: number;
  /** For connecting to a leader that is not there yet, ms. */
  readonly connectLimitMs: number;
  /** Of silence until NEWLEADER, ms. */
  readonly initLimitMs: number;
  /** Of silence afterwards, ms. */
  readonly syncLimitMs: number;
  readonly events: LearnerEvents;
}

/**
 * A follower or an observer, from the call to its leader to the end of the connection (protocol §4.3–4.5):
 * discovery and synchronisation as one script, then the broadcast, packet by packet.
 */
export class Learner {
  readonly #options: LearnerOptions;
  readonly #replica: Replica;
  #decoder: PacketDecoder;
  readonly #reader = new JuteReader();
  readonly #run: RoleScriptRun;
  #call: LeaderCall;
  /** It cannot go back to where the leader would have it. */
  #asksForSnapshot = false;
  #snapshot: SnapshotStreamReader | null = null;
  /** What came as a snapshot goes up to here; an Apache leader may repeat the end of it behind the snapshot. */
  #inSnapshot: Zxid = ZXID_ZERO;
  #epoch: Epoch;
  /** What the leader has told to be committed; applied as soon as it is durable here. */
  #committed: Zxid;
  /** Up to here the leader has our acks. */
  #acked: Zxid = ZXID_ZERO;
  /** For each SYNC that has come, what is to be applied before it is passed on. */
  readonly #syncs: Zxid[] = [];
  #phase: 'script' | 'serving' | 'ended' = 'script';
  #isPumping = false;

  constructor(options: LearnerOptions) {
    this.#options = options;
    this.#replica = options.replica;
    this.#epoch = options.replica.acceptedEpoch;
    this.#committed = options.replica.lastLogged;
    this.#decoder = new PacketDecoder(options.packetBytesMax);
    this.#run = new RoleScriptRun({
      disk: options.disk,
      script: this.#follow(),
      onWaiting: () => this.#pump(),
      onDone: () => undefined,
      onFailed: (error) => {
        if (error instanceof RoleEnded) this.#end(error.message, { successor: error.successor });
        else if (error instanceof WireError) this.#end(error.message);
        else options.events.onFatal(error);
      },
    });
    this.#call = this.#newCall();
    this.#call.dial();
  }

  // ---- the phases ----------------------------------------------------------------------------------------

  *#follow(): RoleScript<void> {
    yield* this.#discover();
    if (!(yield* this.#takeHistory())) {
      yield* this.#callAgain();
      yield* this.#discover();
      if (!(yield* this.#takeHistory())) throw new RoleEnded('a snapshot was asked for, and none has come');
    }
    const configuration = yield* this.#synchronise();
    yield* this.#activate(configuration);
    this.#serve();
    yield* this.#reconfigure();
  }

  /**
   * The leader has our promise, and may need it; what it sends cannot be used. So it is asked over another connection
   * in the same role for what can: whoever looked for a leader instead would leave this one without its quorum.
   */
  *#callAgain(): RoleScript<void> {
    this.#note('there is nothing to go back to: a snapshot is asked for');
    this.#asksForSnapshot = true;
    this.#call.hangUp();
    this.#decoder = new PacketDecoder(this.#options.packetBytesMax);
    this.#call = this.#newCall();
    this.#call.dial();
    yield { type: 'event' };
  }

  /** Discovery: the promise is durable before the leader hears of it (trap 62). */
  *#discover(): RoleScript<void> {
    const replica = this.#replica;
    this.#sendInfo();
    const { type, zxid } = yield* this.#packet();
    if (type !== PacketType.leaderInfo)
      throw new RoleEnded(`LEADERINFO expected, not a packet of type ${type}`);
    const epoch = epochOf(zxid);
    if (epoch < replica.acceptedEpoch) {
      throw new RoleEnded(`its epoch ${epoch} is below ${replica.acceptedEpoch}, which was accepted before`);
    }
    // Whoever has accepted this epoch already says so, and its ack is not counted a second time.
    const isNew = epoch > replica.acceptedEpoch;
    const currentEpoch = replica.currentEpoch;
    if (isNew) yield* replica.acceptEpoch(epoch, this.#options.isBlank);
    this.#epoch = epoch;
    this.#options.observer?.onHistoryReported('leader', replica.lastLogged, currentEpoch);
    const counts = isNew && !this.#options.isBlank;
    if (counts) this.#options.observer?.onEpochAcknowledged(this.#options.leaderId, epoch);
    this.#sendAckEpoch(counts ? currentEpoch : null);
  }

  /** Brings the history to the leader's. False if it goes beyond that, and there is nothing to go back to. */
  *#takeHistory(): RoleScript<boolean> {
    const replica = this.#replica;
    const { type, zxid } = yield* this.#packet();
    if (type === PacketType.trunc) {
      this.#note(`taking back what is above ${formatZxid(zxid)}`);
      return yield* replica.truncate(zxid);
    }
    if (type === PacketType.snap) {
      this.#note(`taking over a snapshot at ${formatZxid(zxid)}`);
      const installation = replica.receiveSnapshot(zxid);
      this.#snapshot = new SnapshotStreamReader(installation, this.#options.packetBytesMax);
      yield { type: 'snapshot' };
      yield* installation.install();
      this.#inSnapshot = zxid;
    } else if (type !== PacketType.diff || this.#asksForSnapshot) {
      throw new RoleEnded(
        `${this.#asksForSnapshot ? 'SNAP' : 'DIFF, TRUNC or SNAP'} expected, not a packet of type ${type}`,
      );
    }
    return true;
  }

  /**
   * Synchronisation. The order of durable steps is what keeps acknowledged writes (reliability: B12–B15, B31):
   * the history, its flush, the configuration it goes by, the epoch whose history it is, and only then the ack.
   */
  *#synchronise(): RoleScript<Membership | null> {
    const replica = this.#replica;
    this.#committed = replica.lastLogged;
    const newLeader = yield* this.#receiveUntil(PacketType.newLeader);
    if (newLeader !== makeZxid(this.#epoch, 0)) {
      throw new RoleEnded(`NEWLEADER of ${formatZxid(newLeader)} in epoch ${this.#epoch}`);
    }
    const configuration = this.#leadersConfiguration();
    yield* this.#historyDurable();
    this.#applyCommitted();
    if (configuration !== null) yield* this.#options.configurations.see(configuration);
    yield* replica.enterEpoch(this.#epoch);
    this.#options.observer?.onNewLeaderAcknowledged(this.#epoch, replica.lastDurable);
    this.#sendEpochAck();
    return configuration;
  }

  /** Until the leader says that a quorum has come this far, its broadcast is logged but not acked (trap 73). */
  *#activate(configuration: Membership | null): RoleScript<void> {
    this.#call.setPatience(this.#options.syncLimitMs);
    this.#acked = this.#committed;
    yield* this.#receiveUntil(PacketType.upToDate);
    // Clients must find at least what the leader had when it let us serve (B43).
    yield* this.#historyDurable();
    this.#applyCommitted();
    if (configuration !== null && this.#isCommitted(configuration)) yield* this.#goBy(configuration, null);
    this.#sendEpochAck();
    this.#ackDurable();
  }

  *#receiveUntil(end: PacketType): RoleScript<Zxid> {
    for (;;) {
      const { type, zxid } = yield* this.#packet();
      if (type === end) return zxid;
      if (this.#isAboutReconfig()) yield* this.#takeReconfigPacket();
      else this.#onTxnPacket();
    }
  }

  /** While clients are served: nothing else is taken in before a change of the members has been. */
  *#reconfigure(): RoleScript<void> {
    for (;;) {
      yield { type: 'event' };
      yield* this.#takeReconfigPacket();
    }
  }

  /**
   * The order of durable steps: what is proposed is kept before the proposal is logged and can be acked, and what is
   * committed decides here before its txn is applied and anybody is told.
   */
  *#takeReconfigPacket(): RoleScript<void> {
    const { type, zxid } = this.#decoder;
    const reader = this.#reader;
    this.#decoder.openData(reader);
    if (type === PacketType.commitAndActivate) {
      const { designatedLeader } = readCommitAndActivate(reader);
      const membership = membershipIn(this.#entryOf(zxid));
      yield* this.#activateAt(zxid, membership, designatedLeader);
      return;
    }
    if (type === PacketType.informAndActivate) {
      const { designatedLeader, entry } = readInformAndActivate(reader);
      const membership = membershipIn(entry);
      this.#replica.append(zxid, entry);
      yield* this.#activateAt(zxid, membership, designatedLeader);
      return;
    }
    const entry = reader.rest().slice();
    const membership = membershipIn(entry);
    if (membership !== null) yield* this.#options.configurations.see(membership);
    this.#replica.append(zxid, entry);
  }

  *#activateAt(zxid: Zxid, membership: Membership | null, designated: ServerId): RoleScript<void> {
    if (membership === null) throw new RoleEnded(`the txn of ${formatZxid(zxid)} is no reconfig`);
    yield* this.#goBy(membership, designated, () => this.#onCommit(zxid));
  }

  /** Durable, then `tell`, then perhaps the end of a role that this server no longer has. */
  *#goBy(
    membership: Membership,
    designated: ServerId | null,
    tell: () => void = () => undefined,
  ): RoleScript<void> {
    const { self, isObserver, leaderId, configurations } = this.#options;
    const before = configurations.committed;
    yield* configurations.activate(membership);
    tell();
    endOutdatedRole({ self, isObserver, leaderId, before, after: configurations.committed, designated });
  }

  /**
   * An Apache leader names in NEWLEADER what it has proposed last, though it may be committed later or never: then it is
   * a txn that is not committed here. The first configuration is none, and has the zxid of an epoch.
   */
  #isCommitted({ version }: Membership): boolean {
    return counterOf(version as Zxid) === 0 || version <= this.#committed;
  }

  /** What NEWLEADER says of who belongs to the ensemble; null where nobody asks, or where it says nothing. */
  #leadersConfiguration(): Membership | null {
    if (!this.#options.configurations.areChangeable || !this.#decoder.hasData) return null;
    this.#decoder.openData(this.#reader);
    return parseConfigText(readConfigText(this.#reader));
  }

  *#packet(): RoleScript<PacketDecoder> {
    yield { type: 'packet' };
    return this.#decoder;
  }

  *#historyDurable(): RoleScript<void> {
    const upTo = this.#replica.lastLogged;
    while (this.#replica.lastDurable < upTo) yield { type: 'durable' };
  }

  // ---- from the owner ------------------------------------------------------------------------------------

  get isServing(): boolean {
    return this.#phase === 'serving';
  }

  /** Everything up to `replica.lastDurable` is on the disk. */
  onDurable(): void {
    if (this.#phase === 'ended') return;
    if (this.#run.waitsFor === 'durable') this.#run.resume();
    if (this.#phase !== 'serving') return;
    this.#ackDurable();
    this.#applyCommitted();
    if (this.#call.isPaused) this.#pump();
  }

  /** A client's write for the leader to propose. */
  forward(request: ForwardedRequest, ids: readonly AuthId[] | null): void {
    const output = this.#beginOutput();
    if (output === null) return;
    const begun = beginPacket(output.writer, PacketType.request, NO_ZXID);
    writeForwardedRequest(output.writer, request);
    endPacket(output.writer, begun, ids);
  }

  /** Asks whether a session that has come here is alive; the answer is `onRevalidated`. */
  revalidate(session: SessionId, timeoutMs: number): void {
    const output = this.#beginOutput();
    if (output === null) return;
    const begun = beginPacket(output.writer, PacketType.revalidate, NO_ZXID);
    writeRevalidateRequest(output.writer, { sessionId: session, timeoutMs });
    endPacket(output.writer, begun);
  }

  /** At the end of the turn. */
  flush(): void {
    if (this.#phase !== 'ended') this.#call.output?.flush();
  }

  /** Ends the role. Nothing of it happens after `done`, which may come at once. */
  stop(done: () => void): void {
    this.#phase = 'ended';
    this.#call.hangUp();
    this.#run.stop(done);
  }

  // ---- inside --------------------------------------------------------------------------------------------

  #newCall(): LeaderCall {
    const { leader, dialer, clock, timers, connectLimitMs, initLimitMs } = this.#options;
    return new LeaderCall({
      leader,
      dialer,
      clock,
      timers,
      connectLimitMs,
      patienceMs: initLimitMs,
      onOpen: () => {
        if (this.#run.waitsFor === 'event') this.#run.resume();
        else this.#run.start();
      },
      onBytes: (chunk) => this.#onBytes(chunk),
      onLost: (why, isLeaderDown) => this.#end(why, { isLeaderDown }),
    });
  }

  #onBytes(chunk: Uint8Array): void {
    this.#options.events.beginTurn();
    try {
      if (this.#run.waitsFor === 'snapshot') this.#feedSnapshot(chunk);
      else this.#decoder.push(chunk);
    } catch (error) {
      this.#refuse(error);
      return;
    }
    this.#pump();
  }

  /** Hands packets on for as long as somebody takes them; what nobody takes yet stays, and no more is read. */
  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      while (this.#phase !== 'ended' && this.#takesPackets()) {
        if (!this.#decoder.next()) break;
        this.#options.observer?.onPacket(
          'in',
          this.#options.leaderId,
          this.#decoder.type,
          this.#decoder.zxid,
        );
        if (this.#phase === 'serving') this.#onPacket();
        else this.#run.resume();
        if (this.#run.waitsFor === 'snapshot') this.#feedSnapshot(this.#decoder.takeRest());
      }
      this.#decoder.keep();
    } catch (error) {
      this.#refuse(error);
    } finally {
      this.#isPumping = false;
    }
    this.#call.setReading(this.#takesPackets() || this.#run.waitsFor === 'snapshot');
  }

  #takesPackets(): boolean {
    // Not while a change of the members is taken in.
    if (this.#phase === 'serving') return this.#run.waitsFor === 'event' && !this.#isOverfull();
    return this.#run.waitsFor === 'packet';
  }

  #isOverfull(): boolean {
    return this.#replica.unflushedBytes > UNFLUSHED_BYTES_MAX;
  }

  #feedSnapshot(chunk: Uint8Array): void {
    const rest = this.#snapshot?.push(chunk) ?? null;
    if (rest === null) return;
    this.#snapshot = null;
    this.#decoder.push(rest);
    this.#run.resume();
  }

  #refuse(error: unknown): void {
    if (!(error instanceof WireError) && !(error instanceof RoleEnded)) throw error;
    this.#end(error.message);
  }

  #end(why: string, { isLeaderDown = false, successor = null }: Partial<LearnerEnd> = {}): void {
    if (this.#phase === 'ended') return;
    this.#phase = 'ended';
    this.#call.hangUp();
    this.#options.events.onEnded(why, { isLeaderDown, successor });
  }

  #serve(): void {
    if (this.#phase === 'ended') return;
    this.#phase = 'serving';
    this.#options.events.onServing(this.#epoch);
  }

  /** A packet of the broadcast. */
  #onPacket(): void {
    const { events } = this.#options;
    switch (this.#decoder.type) {
      case PacketType.sync:
        this.#syncs.push(this.#committed);
        this.#answerSyncs();
        return;
      case PacketType.revalidate: {
        this.#decoder.openData(this.#reader);
        const { sessionId, isValid } = readRevalidateReply(this.#reader);
        events.onRevalidated(sessionId, isValid);
        return;
      }
      case PacketType.upToDate:
        return;
      default:
        if (this.#isAboutReconfig()) this.#run.resume();
        else this.#onTxnPacket();
    }
  }

  /** Whether it changes who belongs to the ensemble, or may: for an observer that serves a PROPOSAL does not. */
  #isAboutReconfig(): boolean {
    const { configurations, isObserver } = this.#options;
    const { type, zxid } = this.#decoder;
    if (!configurations.areChangeable || (this.#phase === 'script' && zxid <= this.#inSnapshot)) return false;
    if (isActivation(type)) return true;
    if (type !== PacketType.proposal || (isObserver && this.#phase === 'serving')) return false;
    return isReconfig(this.#decoder.data ?? NO_BYTES);
  }

  /** What may come at any time from the sync header on. */
  #onTxnPacket(): void {
    const { type, zxid } = this.#decoder;
    const { isObserver } = this.#options;
    if (this.#phase === 'script' && zxid <= this.#inSnapshot && isAboutTxn(type)) return;
    switch (type) {
      case PacketType.proposal:
        // An active observer has no use for what is not committed yet.
        if (!isObserver || this.#phase === 'script')
          this.#replica.append(zxid, this.#decoder.data ?? NO_BYTES);
        return;
      // Where the members can't change, an activation is a commit like any other.
      case PacketType.commit:
      case PacketType.commitAndActivate:
        if (!isObserver || this.#phase === 'script') this.#onCommit(zxid);
        return;
      case PacketType.inform:
      case PacketType.informAndActivate:
        if (!isObserver && this.#phase === 'serving') return;
        this.#replica.append(zxid, this.#informedEntry());
        this.#onCommit(zxid);
        return;
      case PacketType.ping:
        this.#answerPing(zxid);
        return;
      default:
        this.#options.log.warn('Learner', `a packet of type ${type} from the leader is passed over`);
    }
  }

  #informedEntry(): Uint8Array {
    if (this.#decoder.type === PacketType.inform) return this.#decoder.data ?? NO_BYTES;
    this.#decoder.openData(this.#reader);
    return readInformAndActivate(this.#reader).entry;
  }

  /** Of a txn that waits to be committed. */
  #entryOf(zxid: Zxid): Uint8Array {
    const { window } = this.#replica;
    const at = window.indexFrom(zxid);
    if (at < window.length && window.zxidAt(at) === zxid) return window.entryAt(at);
    throw new RoleEnded(`${formatZxid(zxid)} is committed, and was never proposed`);
  }

  /** It must be about the oldest txn that is not committed: anything else means that the two disagree (trap 72). */
  #onCommit(zxid: Zxid): void {
    const { window } = this.#replica;
    const next = window.indexFrom((this.#committed + 1) as Zxid);
    if (next === window.length || window.zxidAt(next) !== zxid)
      throw new RoleEnded(`COMMIT of ${formatZxid(zxid)} after ${formatZxid(this.#committed)}`);
    this.#committed = zxid;
    if (this.#phase === 'serving') this.#applyCommitted();
  }

  /** Memory is never ahead of our own disk, whatever a quorum of others has (B18). */
  #applyCommitted(): void {
    const { lastDurable } = this.#replica;
    const upTo = this.#committed < lastDurable ? this.#committed : lastDurable;
    for (;;) {
      // A client that has not been told of its sync cannot be told of what it asked for behind it.
      const sync = this.#syncs[0];
      const next = sync !== undefined && sync < upTo ? sync : upTo;
      if (next <= this.#replica.lastApplied) return;
      this.#replica.applyThrough(next);
      this.#answerSyncs();
    }
  }

  /** The leader's SYNC says: all that came before it. What of that waits for our own disk is waited for, too. */
  #answerSyncs(): void {
    while (this.#syncs.length > 0 && (this.#syncs[0] as Zxid) <= this.#replica.lastApplied) {
      this.#syncs.shift();
      this.#options.events.onSync();
    }
  }

  /** One ack for each txn, as Apache's leader counts them. */
  #ackDurable(): void {
    if (this.#options.isObserver) return;
    const { window, lastDurable } = this.#replica;
    if (lastDurable <= this.#acked) return;
    const output = this.#beginOutput();
    if (output === null) return;
    for (let i = window.indexFrom(this.#acked); i < window.length; i++) {
      const zxid = window.zxidAt(i);
      if (zxid > lastDurable) break;
      if (zxid > this.#acked) writeEmptyPacket(output.writer, PacketType.ack, zxid);
    }
    this.#options.observer?.onAcknowledged(lastDurable);
    this.#acked = lastDurable;
  }

  #answerPing(zxid: Zxid): void {
    // Before NEWLEADER is acked the leader takes nothing but that ack (trap 68).
    if (this.#phase !== 'serving') return;
    const output = this.#beginOutput();
    if (output === null) return;
    const begun = beginPacket(output.writer, PacketType.ping, zxid);
    for (const [sessionId, timeoutMs] of this.#options.events.takeTouched()) {
      writeSessionTouch(output.writer, sessionId, timeoutMs);
    }
    endPacket(output.writer, begun);
  }

  #sendInfo(): void {
    const output = this.#beginOutput();
    if (output === null) return;
    const { isObserver, self, configurations } = this.#options;
    const type = isObserver ? PacketType.observerInfo : PacketType.followerInfo;
    const configVersion = configurations.committed.version;
    const begun = beginPacket(output.writer, type, makeZxid(this.#replica.acceptedEpoch, 0));
    writeLearnerInfo(output.writer, { serverId: self, protocolVersion: PROTOCOL_VERSION, configVersion });
    endPacket(output.writer, begun);
  }

  #sendAckEpoch(currentEpoch: Epoch | null): void {
    const output = this.#beginOutput();
    if (output === null) return;
    // Of a zxid that has no txn, and lies beyond all its own, a leader can make nothing but a snapshot. Not the one
    // of its own epoch: Apache's takes that for the end of its history.
    const claimed = this.#asksForSnapshot ? makeZxid(this.#epoch + 1, 0) : this.#replica.lastLogged;
    const begun = beginPacket(output.writer, PacketType.ackEpoch, claimed);
    writeAckEpoch(output.writer, { currentEpoch });
    endPacket(output.writer, begun);
  }

  /** For NEWLEADER, and once more for UPTODATE (trap 67). */
  #sendEpochAck(): void {
    const output = this.#beginOutput();
    if (output !== null) writeEmptyPacket(output.writer, PacketType.ack, makeZxid(this.#epoch, 0));
  }

  #beginOutput(): PeerOutput | null {
    if (this.#phase === 'ended') return null;
    this.#options.events.beginTurn();
    return this.#call.output;
  }

  #note(text: string): void {
    this.#options.log.info('Learner', text);
  }
}

const NO_BYTES = new Uint8Array(0);

function isAboutTxn(type: number): boolean {
  return (
    type === PacketType.proposal ||
    type === PacketType.commit ||
    type === PacketType.inform ||
    isActivation(type)
  );
}

function isActivation(type: number): boolean {
  return type === PacketType.commitAndActivate || type === PacketType.informAndActivate;
}
