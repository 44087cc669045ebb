import { assert, unreachable } from '../base/assert.ts';
import type { ByteStream, Cancel, Clock, StreamHandler, Timers } from '../base/ports.ts';
import type { Log } from '../base/log.ts';
import type { Observer } from '../base/observer.ts';
import type { ServerId } from '../base/server-id.ts';
import type { SessionId } from '../base/session-id.ts';
import {
  COUNTER_MAX,
  counterOf,
  EPOCH_MAX,
  formatZxid,
  makeZxid,
  type Epoch,
  type Zxid,
} from '../base/zxid.ts';
import type { Disk } from '../storage/disk.ts';
import { OpCode } from '../wire/opcode.ts';
import type { AuthId } from '../wire/quorum/auth-id.ts';
import type { ForwardedRequest } from '../wire/quorum/forwarded-request.ts';
import { AckWatch } from './ack-watch.ts';
import { CommitRule, type AckedThrough } from './commit-rule.ts';
import type { Configurations } from './configurations.ts';
import { leadsOn } from './role-change.ts';
import { LearnerLink, type LearnerLinkEvents } from './learner-link.ts';
import { withVersion, type Membership } from './membership.ts';
import { membershipIn } from './reconfig-entry.ts';
import type { Replica } from './replica.ts';
import { RoleEnded, RoleScriptRun, type RoleScript } from './role-script.ts';
import { Watchdog } from './watchdog.ts';

/** Connections that have not said yet who they are, and those of servers in no configuration. */
const STRANGERS_MAX = 64;

export interface LeaderEvents {
  /** A quorum has our history: clients may be served, and the first proposal of the epoch may be made. */
  onEstablished(epoch: Epoch): void;
  /** Everything up to `zxid` is committed: the state takes it up and clients are answered. */
  onCommitted(zxid: Zxid): void;
  onRequest(from: LearnerLink, request: ForwardedRequest, ids: readonly AuthId[] | null): void;
  onTouch(session: SessionId, timeoutMs: number): void;
  /** Whether the session is alive; if so it belongs to that learner from now on. */
  onRevalidate(from: LearnerLink, session: SessionId, timeoutMs: number): boolean;
  /**
   * The role is over, by itself; called once. `stop` is still the owner's to call. `successor`: who leads from now on,
   * where a reconfig has said so.
   */
  onEnded(why: string, successor: ServerId | null): void;
  onFatal(error: Error): void;
  beginTurn(): void;
}

export interface LeaderOptions {
  readonly self: ServerId;
  readonly configurations: Configurations;
  readonly replica: Replica;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly observer: Observer | null;
  readonly packetBytesMax: number;
  readonly tickMs: number;
  /** For each of the three quorums there must be before the first proposal, ms. */
  readonly initLimitMs: number;
  /** Of a learner's silence, ms. */
  readonly syncLimitMs: number;
  /** Where the counter of an epoch ends. Given only by who cannot make 2^32 proposals: a test. */
  readonly counterMax?: number;
  readonly events: LeaderEvents;
}

/** A change of the members, from its proposal until it is committed. */
interface PendingReconfig {
  readonly zxid: Zxid;
  readonly membership: Membership;
  /** What it proposes is on our disk, where a restart finds it: only then do we count. */
  isKept: boolean;
  /** Quorums of both configurations have it. */
  isChosen: boolean;
}

export type LeaderPhase = 'discovery' | 'synchronisation' | 'broadcast' | 'ended';

/**
 * A leader, from its election to its end (protocol §4.3–4.5): the three quorums of discovery and
 * synchronisation as one script, then the broadcast.
 *
 * It commits what a quorum of voters has on the disk, itself always among them. So whoever is elected next has it,
 * and the leader's own memory is never ahead of its own disk (B18).
 */
export class Leader implements LearnerLinkEvents {
  /** Of the txns of this epoch, bytes. */
  readonly proposalSizes = { last: -1, min: -1, max: -1 };
  /** Monotonic ms. */
  readonly startedAtMs: number;
  readonly #options: LeaderOptions;
  readonly #replica: Replica;
  readonly #run: RoleScriptRun;
  readonly #links = new Set<LearnerLink>();
  /** Over our own disk: a leader that cannot commit must not hold on to its role (B45). */
  readonly #ownAcks: AckWatch;
  #cancelPatience: Cancel = () => undefined;
  #cancelPing: Cancel = () => undefined;
  #phase: LeaderPhase = 'discovery';
  /** 0 until a quorum has said which epochs it knows. */
  #epoch: Epoch = 0 as Epoch;
  /** Our own promise, of the epochs of whoever has come. */
  #highestAccepted: Epoch;
  /** Has accepted the epoch on its disk, and us as the one with the longest history. */
  readonly #epochAcks = new Set<ServerId>();
  #lastProposed: Zxid;
  #lastCommitted: Zxid;
  #hasNewAcks = false;
  #rule: CommitRule | null = null;
  #reconfig: PendingReconfig | null = null;
  /** Who leads under the configuration that was committed last, if it is not us: we decide nothing any more. */
  #successor: ServerId | null = null;

  constructor(options: LeaderOptions) {
    this.startedAtMs = options.clock.monotonicMs();
    this.#options = options;
    this.#replica = options.replica;
    this.#highestAccepted = options.replica.acceptedEpoch;
    this.#lastProposed = options.replica.lastLogged;
    this.#lastCommitted = options.replica.lastLogged;
    this.#ownAcks = new AckWatch(options.syncLimitMs);
    this.#run = new RoleScriptRun({
      disk: options.disk,
      script: this.#lead(),
      onWaiting: () => undefined,
      onDone: () => undefined,
      onFailed: (error) => {
        if (error instanceof RoleEnded) this.#end(error.message);
        else options.events.onFatal(error);
      },
    });
  }

  /** To be called once, when whoever made it can take its events. */
  start(): void {
    this.#giveUpAfter(this.#options.initLimitMs);
    this.#run.start();
  }

  // ---- the phases ----------------------------------------------------------------------------------------

  /**
   * The order of durable steps: our promise of the epoch before anybody else is asked for theirs, the epoch as
   * that of our history only when a quorum has accepted us. Our history is on our disk since before the election.
   * The configuration that NEWLEADER tells of is on it before that is sent, and is the one that decides before
   * anybody is told to serve.
   */
  *#lead(): RoleScript<void> {
    const replica = this.#replica;
    yield* this.#until(() => this.#isQuorum((link) => link.state !== 'info'));
    const epoch = (this.#highestAccepted + 1) as Epoch;
    if (epoch > EPOCH_MAX) throw new RoleEnded(`there is no epoch after ${this.#highestAccepted}`);
    yield* replica.acceptEpoch(epoch, false);
    this.#refuseIfEnded();
    this.#epoch = epoch;
    this.#log(`epoch ${epoch} is proposed`);
    for (const link of this.#links) if (link.state === 'epoch') link.sendLeaderInfo(epoch);

    const { observer, self, configurations } = this.#options;
    observer?.onHistoryReported('leader', replica.lastLogged, replica.currentEpoch);
    observer?.onEpochAcknowledged(self, epoch);
    this.#epochAcks.add(self);
    yield* this.#until(() => configurations.containsQuorum(this.#epochAcks));
    yield* replica.enterEpoch(epoch);
    this.#refuseIfEnded();
    // The first configuration has the version 0 wherever somebody wrote one down; established, it is above all those.
    const { committed, lastSeen } = configurations;
    if (committed.version === 0 && lastSeen === null) {
      yield* configurations.see(withVersion(committed, makeZxid(epoch, 0)));
      this.#refuseIfEnded();
    }
    this.#phase = 'synchronisation';
    this.#lastProposed = makeZxid(epoch, 0);
    this.#lastCommitted = this.#lastProposed;
    this.#giveUpAfter(this.#options.initLimitMs);
    this.#pingLater();
    for (const link of this.#links) if (link.state === 'accepted') this.#synchronise(link);

    const hasQuorum = () => this.#isQuorum(isSynchronised);
    yield* this.#until(hasQuorum);
    const before = configurations.committed;
    yield* configurations.activate(configurations.newest);
    this.#refuseIfEnded();
    // Some may have gone while that was written, and nobody would notice any more.
    yield* this.#until(hasQuorum);
    this.#broadcast(before);
    yield* this.#reconfigure();
  }

  /**
   * One reconfig after the other. The order of durable steps: what is proposed is kept before our own ack counts, what
   * two quorums have is what decides here before anybody hears of it.
   */
  *#reconfigure(): RoleScript<void> {
    const { configurations } = this.#options;
    for (;;) {
      while (this.#reconfig === null) yield { type: 'event' };
      const reconfig = this.#reconfig;
      yield* configurations.see(reconfig.membership);
      this.#refuseIfEnded();
      reconfig.isKept = true;
      this.#commit();
      yield* this.#until(() => reconfig.isChosen);
      const before = configurations.committed;
      yield* configurations.activate(reconfig.membership);
      this.#refuseIfEnded();
      this.#reconfig = null;
      this.#commitReconfig(reconfig, before);
    }
  }

  /** The role may have ended while its last job was on the disk; nothing may make it begin again. */
  #refuseIfEnded(): void {
    if (this.#phase === 'ended') throw new RoleEnded('it has ended');
  }

  *#until(isTrue: () => boolean): RoleScript<void> {
    while (!isTrue()) yield { type: 'event' };
  }

  #broadcast(before: Membership): void {
    const { events, configurations, self } = this.#options;
    this.#phase = 'broadcast';
    this.#cancelPatience();
    this.#log(`a quorum follows in epoch ${this.#epoch}`);
    this.#rule = new CommitRule((this.#lastProposed + 1) as Zxid, configurations.verifiers);
    this.#options.observer?.onEstablished(this.#epoch, this.#replica.lastLogged);
    // Who may not lead under the configuration it has come to know of leaves it at that: the others look for another.
    if (leadsOn(self, before, configurations.committed)) events.onEstablished(this.#epoch);
    for (const link of this.#links) if (link.state === 'synchronised') this.#activate(link);
    events.beginTurn();
  }

  // ---- from the owner ------------------------------------------------------------------------------------

  get epoch(): Epoch {
    return this.#epoch;
  }

  get phase(): LeaderPhase {
    return this.#phase;
  }

  get isEstablished(): boolean {
    return this.#phase === 'broadcast';
  }

  /** The learners there are, for those who count them. */
  get learners(): Iterable<LearnerLink> {
    return this.#links;
  }

  /** A learner has connected to the quorum port. */
  readonly onConnection = (stream: ByteStream): StreamHandler => {
    const { clock, timers, initLimitMs, packetBytesMax } = this.#options;
    const link = new LearnerLink(stream, { packetBytesMax, events: this, nowMs: clock.monotonicMs() });
    this.#links.add(link);
    link.watchdog = new Watchdog({
      clock,
      timers,
      limitMs: initLimitMs,
      onSilent: () => link.close('nothing was heard of it for too long'),
    });
    this.#limitStrangers();
    return link;
  };

  /**
   * A txn has been prepared and is on its way to our own disk; `entry` is what stands in the log. Only while
   * established. To be followed by `flush` at the end of the turn.
   */
  propose(zxid: Zxid, entry: Uint8Array): void {
    assert(this.#phase === 'broadcast', 'a proposal without a quorum');
    assert(zxid === this.#lastProposed + 1, 'a proposal out of order');
    this.#lastProposed = zxid;
    this.#countSize(entry.length);
    this.#options.observer?.onProposed(zxid, entry);
    const { configurations } = this.#options;
    const membership = configurations.areChangeable ? membershipIn(entry) : null;
    if (membership !== null) this.#proposeReconfig(zxid, membership);
    for (const link of this.#links) {
      if (link.isForwarding && !link.isObserver) link.sendProposal(zxid, entry);
    }
    // The last zxid of an epoch is never given out: another epoch begins before the counter ends (B30).
    const { counterMax = COUNTER_MAX } = this.#options;
    if (counterOf(zxid) >= counterMax - 1) this.#end('its epoch has no zxid left');
  }

  /** Whether a quorum of this configuration, which may be no other's, has the whole history and gets what is proposed. */
  isQuorumSynced({ verifier }: Membership): boolean {
    if (this.#successor !== null) return false;
    return verifier.containsQuorum(this.#serversWhose((link) => isFollowing(link) && link.isForwarding));
  }

  /** Everything up to `replica.lastDurable` is on our own disk. */
  onDurable(): void {
    if (this.#phase === 'broadcast') this.#commit();
  }

  /** When the sockets of this turn have been read: what their acks complete is committed. */
  commitAcknowledged(): void {
    if (this.#hasNewAcks && this.#phase === 'broadcast') this.#commit();
  }

  /** At the end of the turn: everything is sent. */
  flush(): void {
    for (const link of this.#links) link.flush();
  }

  /** Ends the role. Nothing of it happens after `done`, which may come at once. */
  stop(done: () => void): void {
    this.#phase = 'ended';
    this.#cancelTimers();
    for (const link of this.#links) link.close('the leader steps down');
    this.#run.stop(done);
  }

  // ---- from the learners ---------------------------------------------------------------------------------

  onInfo(link: LearnerLink): string | null {
    if (this.#phase === 'ended') return 'this server leads no more';
    const why = this.#whyNot(link);
    if (why !== null) return why;
    // It has come anew; what is left of its earlier connection is dead.
    for (const other of this.#links) {
      if (other.isKnown && other.id === link.id) other.close('it came anew');
    }
    link.state = 'epoch';
    // Who belongs nowhere has no say in it: anybody could make epochs run out.
    const isMember = this.#options.configurations.isMember(link.id);
    if (isMember && link.acceptedEpoch > this.#highestAccepted) this.#highestAccepted = link.acceptedEpoch;
    if (this.#epoch > 0) {
      if (this.#options.configurations.isVoter(link.id) && link.acceptedEpoch > this.#epoch) {
        // It has promised to follow nobody of our epoch, and could never come back while this one lasts.
        this.#end(`server ${link.id} has accepted epoch ${link.acceptedEpoch}, above this one's`);
        return null;
      }
      link.sendLeaderInfo(this.#epoch);
    }
    this.#wake();
    return null;
  }

  /** Why this one may not follow here, if it may not: everybody who follows has the whole history. */
  #whyNot({ id, isObserver, configVersion }: LearnerLink): string | null {
    const { configurations, self } = this.#options;
    const { members, verifier, version } = configurations.committed;
    if (id === self) return `it says it is server ${id}, which is this one`;
    if (configVersion > version) {
      return `server ${id} has configuration ${configVersion}, this leader only ${version}`;
    }
    // Who wants to belong comes before it does, and whatever it says it is, it counts for what it is here.
    if (configurations.areChangeable) return null;
    if (!members.has(id)) return `it says it is server ${id}, which is in no configuration here`;
    if (verifier.voters.has(id) === isObserver) {
      return `it says it is server ${id} and ${isObserver ? 'an observer' : 'a voter'}, which that one is not`;
    }
    return null;
  }

  onEpochAck(link: LearnerLink): void {
    if (this.#phase === 'ended') return;
    if (this.#phase !== 'discovery') {
      this.#synchronise(link);
      return;
    }
    if (this.#isAhead(link)) {
      link.close(`its history is longer than the leader's, up to ${formatZxid(link.lastLogged)}`);
      return;
    }
    // Who had accepted the epoch before may have done so for another leader: it does not count (trap 69).
    if (link.currentEpoch !== null) this.#epochAcks.add(link.id);
    this.#wake();
  }

  onAck(link: LearnerLink): void {
    if (this.#phase === 'ended') return;
    if (link.state === 'synchronised') {
      this.#log(`server ${link.id} is synchronised`);
      if (this.#phase === 'broadcast') this.#activate(link);
      // It has nothing to say until it is told to serve, however long a quorum takes.
      else this.#wake();
    }
    this.#hasNewAcks = true;
    this.#options.events.beginTurn();
  }

  onRequest(link: LearnerLink, request: ForwardedRequest, ids: readonly AuthId[] | null): void {
    if (this.#phase !== 'broadcast') return;
    if (request.type !== OpCode.sync) {
      this.#options.events.onRequest(link, request, ids);
      link.holdRequest(this.#lastProposed, request.body.length);
      return;
    }
    link.holdSync(this.#lastProposed);
    if (this.#lastProposed === this.#lastCommitted) link.onCommitted(this.#lastCommitted);
  }

  onTouch(_link: LearnerLink, session: SessionId, timeoutMs: number): void {
    if (this.#phase === 'broadcast') this.#options.events.onTouch(session, timeoutMs);
  }

  /**
   * What the session's client has asked for through another connection is committed before it goes on through this
   * one: who answers it there must not take the one for the other.
   */
  onRevalidate(link: LearnerLink, session: SessionId, timeoutMs: number): void {
    if (this.#phase !== 'broadcast') return;
    const isValid = this.#options.events.onRevalidate(link, session, timeoutMs);
    link.holdRevalidation(this.#lastProposed, { sessionId: session, isValid });
    if (this.#lastProposed === this.#lastCommitted) link.onCommitted(this.#lastCommitted);
  }

  onLost(link: LearnerLink, why: string): void {
    this.#links.delete(link);
    if (this.#phase === 'ended') return;
    if (link.isKnown) this.#log(`lost server ${link.id} at ${link.remoteAddress}: ${why}`);
    else this.#options.log.warn('Leader', `${link.remoteAddress} on the quorum port is closed: ${why}`);
    // Learners that lose a leader look for one at once, and find none while this one holds on to its role.
    if (this.#phase === 'broadcast' && !this.#hasFollowers()) {
      this.#end(
        this.#successor === null
          ? 'it has no quorum any more'
          : `server ${this.#successor} leads from now on`,
      );
    }
  }

  beginTurn(): void {
    this.#options.events.beginTurn();
  }

  // ---- inside --------------------------------------------------------------------------------------------

  #countSize(bytes: number): void {
    const sizes = this.proposalSizes;
    sizes.last = bytes;
    if (sizes.min < 0 || bytes < sizes.min) sizes.min = bytes;
    if (bytes > sizes.max) sizes.max = bytes;
  }

  #isAhead({ currentEpoch, lastLogged }: LearnerLink): boolean {
    const own = this.#replica;
    if (currentEpoch === null || currentEpoch < own.currentEpoch) return false;
    return currentEpoch > own.currentEpoch || lastLogged > own.lastLogged;
  }

  #activate(link: LearnerLink): void {
    link.watchdog?.setLimit(this.#options.syncLimitMs);
    link.sendUpToDate();
  }

  /**
   * NEWLEADER names the newest configuration, and UPTODATE makes it what decides: both are right before the first
   * proposal, when a quorum has come to take it up. A learner that comes while a change is under way would take it up
   * before it is committed, and tell others; it waits until it is, which those who are here see to.
   */
  #synchronise(link: LearnerLink): void {
    if (this.#reconfig !== null) return;
    link.synchronise(this.#replica, this.#options.configurations.newest.text);
  }

  /** Commits up to the last txn that the quorums it takes have on the disk, we ourselves among them. */
  #commit(): void {
    this.#hasNewAcks = false;
    const { lastDurable } = this.#replica;
    if (this.#rule === null || this.#successor !== null || lastDurable <= this.#lastCommitted) return;
    const reconfig = this.#reconfig;
    const own = reconfig?.isKept === false ? lower(lastDurable, reconfig.zxid) : lastDurable;
    const upTo = this.#rule.committedBy(this.#acksUpTo(own), this.#lastCommitted);
    if (reconfig === null || upTo < reconfig.zxid) {
      this.#commitThrough(upTo);
      return;
    }
    // It is committed when it has come to be what decides here; the script sees to it, and whatever is behind it waits.
    this.#commitThrough((reconfig.zxid - 1) as Zxid);
    if (reconfig.isChosen) return;
    reconfig.isChosen = true;
    this.#wake();
  }

  #commitThrough(upTo: Zxid): void {
    if (upTo <= this.#lastCommitted) return;
    this.#options.observer?.onCommitted(upTo);
    this.#tell(upTo, null);
    this.#lastCommitted = upTo;
    this.#options.events.onCommitted(upTo);
  }

  #acksUpTo(ownDurable: Zxid): AckedThrough[] {
    const acks: AckedThrough[] = [{ id: this.#options.self, zxid: ownDurable }];
    for (const link of this.#links) {
      if (isSynchronised(link) && !link.isObserver) {
        acks.push({ id: link.id, zxid: lower(link.acked, (ownDurable + 1) as Zxid) });
      }
    }
    return acks;
  }

  #proposeReconfig(zxid: Zxid, membership: Membership): void {
    const { configurations } = this.#options;
    assert(this.#reconfig === null, 'a reconfig while another is under way');
    this.#reconfig = { zxid, membership, isKept: false, isChosen: false };
    this.#rule?.propose(zxid, [configurations.committed.verifier, membership.verifier]);
    this.#wake();
  }

  /** The new configuration decides, and here is who leads it: we ourselves where that can be. */
  #commitReconfig({ zxid, membership }: PendingReconfig, before: Membership): void {
    const { self, observer, events } = this.#options;
    const designated = leadsOn(self, before, membership) ? self : this.#mostUpToDate(membership);
    this.#rule?.commit(zxid, membership.verifier);
    this.#log(`configuration ${membership.version.toString(16)} is committed; server ${designated} leads it`);
    observer?.onCommitted(zxid);
    this.#tell(zxid, designated);
    this.#lastCommitted = zxid;
    // Learners go over to whoever leads by themselves, so each of them has heard of it before it is alone.
    if (designated !== self) this.#successor = designated;
    events.onCommitted(zxid);
    events.beginTurn();
    for (const link of this.#links) if (link.state === 'accepted') this.#synchronise(link);
    if (designated === self) this.#commit();
    if (!this.#hasFollowers()) this.#end('it has no quorum of the new configuration');
  }

  /** The one that has acknowledged most: a quorum has acknowledged the reconfig, so there is one. */
  #mostUpToDate({ verifier }: Membership): ServerId {
    const [best] = this.#acksUpTo(this.#replica.lastDurable)
      .filter(({ id }) => id !== this.#options.self && verifier.voters.has(id))
      .sort((one, other) => other.zxid - one.zxid);
    return best?.id ?? unreachable('a quorum without this server has acknowledged the reconfig');
  }

  /**
   * COMMITs and INFORMs, in the order of the txns, and right behind each what waited for it. `designated`: of the
   * last one, which is a reconfig then.
   */
  #tell(upTo: Zxid, designated: ServerId | null): void {
    const { window } = this.#replica;
    const from = window.indexFrom((this.#lastCommitted + 1) as Zxid);
    for (const link of this.#links) {
      if (!link.isForwarding) continue;
      for (let i = from; i < window.length; i++) {
        const zxid = window.zxidAt(i);
        if (zxid > upTo) break;
        const activates = zxid === upTo ? designated : null;
        if (link.isObserver) link.sendInform(zxid, window.entryAt(i), activates);
        else link.sendCommit(zxid, activates);
        link.onCommitted(zxid);
      }
    }
  }

  /**
   * Whether we and those among the learners decide, in every configuration that counts. Until the epoch is established
   * it is for what a server is there that it counts, and not for what it says it is: the voter of a configuration that
   * is only proposed still observes, and may be the one that is needed to get over to it.
   */
  #isQuorum(counts: (link: LearnerLink) => boolean): boolean {
    return this.#options.configurations.containsQuorum(this.#serversWhose(counts));
  }

  #serversWhose(counts: (link: LearnerLink) => boolean): Set<ServerId> {
    const servers = new Set<ServerId>([this.#options.self]);
    for (const link of this.#links) if (counts(link)) servers.add(link.id);
    return servers;
  }

  #hasFollowers(): boolean {
    return this.#isQuorum(isFollowing);
  }

  #wake(): void {
    if (this.#phase !== 'ended' && this.#run.waitsFor === 'event') this.#run.resume();
  }

  /** The oldest goes: who means it says who it is at once, and has gone on before it is the oldest. */
  #limitStrangers(): void {
    const { configurations } = this.#options;
    const strangers = [...this.#links].filter(({ isKnown, id }) => !isKnown || !configurations.isMember(id));
    if (strangers.length > STRANGERS_MAX) strangers[0]?.close('there are too many that do not belong here');
  }

  #pingLater(): void {
    const { timers, tickMs } = this.#options;
    this.#cancelPing = timers.after(tickMs / 2, () => {
      this.#checkAcks();
      if (this.#phase === 'ended') return;
      // Who waits for a quorum to come together is told that we are still there.
      for (const link of this.#links) if (isSynchronised(link)) link.sendPing(this.#lastProposed);
      this.#options.events.beginTurn();
      this.#pingLater();
    });
  }

  /** Who takes in what is proposed and does not acknowledge it in time cannot be counted on (protocol §4.6). */
  #checkAcks(): void {
    if (this.#phase !== 'broadcast') return;
    const nowMs = this.#options.clock.monotonicMs();
    const proposed = this.#lastProposed;
    // Before the first proposal of the epoch, which its beginning is not, there is nothing to wait for.
    const { lastDurable } = this.#replica;
    const ownAcked = counterOf(proposed) === 0 ? proposed : lastDurable;
    if (this.#ownAcks.isOverdue({ acked: ownAcked, proposed, nowMs })) {
      this.#end('its own disk takes too long');
      return;
    }
    for (const link of this.#links) {
      if (link.state !== 'active' || link.isObserver) continue;
      link.acks ??= new AckWatch(this.#options.syncLimitMs);
      const acked = link.acked > link.syncedTo ? link.acked : link.syncedTo;
      if (link.acks.isOverdue({ acked, proposed, nowMs })) {
        link.close('it has not acknowledged a proposal for too long');
      }
    }
  }

  #giveUpAfter(ms: number): void {
    this.#cancelPatience();
    this.#cancelPatience = this.#options.timers.after(ms, () =>
      this.#end(`no quorum came to it in time, in ${this.#phase}`),
    );
  }

  #cancelTimers(): void {
    this.#cancelPatience();
    this.#cancelPing();
  }

  #end(why: string): void {
    if (this.#phase === 'ended') return;
    this.#phase = 'ended';
    this.#cancelTimers();
    this.#options.events.onEnded(why, this.#successor);
  }

  #log(text: string): void {
    this.#options.log.info('Leader', text);
  }
}

/** The last zxid before `end`, if `zxid` is not below that. */
function lower(zxid: Zxid, end: Zxid): Zxid {
  return zxid < end ? zxid : ((end - 1) as Zxid);
}

/** What we propose comes to its disk, too, and it says so. */
function isFollowing(link: LearnerLink): boolean {
  return !link.isObserver && isSynchronised(link);
}

/** It has our history on its disk, and the epoch with it. */
export function isSynchronised({ state }: LearnerLink): boolean {
  return state === 'synchronised' || state === 'active';
}
