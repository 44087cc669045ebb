import type { Log } from '../base/log.ts';
import type { Cancel, Timers } from '../base/ports.ts';
import type { ServerId } from '../base/server-id.ts';
import { formatZxid, type Zxid } from '../base/zxid.ts';
import { NO_VOTE } from '../wire/election/i64.ts';
import { type Notification, PeerState } from '../wire/election/notification.ts';
import type { ElectionEffects, ElectionOptions } from './election-effects.ts';
import { ElectionDoubt } from './election-doubt.ts';
import { Electorate } from './electorate.ts';
import { followsTheSame, givenIn, type GivenVote, voteOf } from './given-vote.ts';
import type { Membership } from './membership.ts';
import { blankVote, isSameVote, type Vote } from './vote.ts';

export type { ElectionEffects, ElectionOptions };

/** Of our own notifications. */
const NOTIFICATION_VERSION = 2;
/** Servers without a vote that have asked since the last election, and will be told the result of the next. */
const ASKERS_MAX = 64;
/** Nobody can have entered so many elections; a round has to be counted up without losing bits. */
const ROUND_MAX = 2 ** 52;
/** Known with what Apache's servers say of a vote they know nothing about. */
const UNKNOWN_ZXID = -1;

/**
 * Fast leader election (protocol §5.3): the election of one server, over all the rounds of its life.
 *
 * The owner enters an election with `look`, hands in what the others say, and hears the result from `onElected`.
 * From then on it is this class that answers whoever still looks. The owner says `updateVoteEpoch` when the
 * synchronisation has finished, and `look` when it has left its role. Nothing here is durable.
 *
 * An election may elect anybody: that nothing committed is lost is seen to in discovery (decision 9). What is at
 * stake here is only how soon there is a leader that all can agree on.
 */
export class Election {
  readonly #self: ServerId;
  readonly #timers: Timers;
  readonly #log: Log;
  readonly #effects: ElectionEffects;
  readonly #finalizeWaitMs: number;
  readonly #intervalMinMs: number;
  readonly #intervalMaxMs: number;

  #electorate: Electorate;
  /** From the first `look` or `settle` on: nothing is said before, and nothing heard. */
  #isRunning = false;
  #state: PeerState = PeerState.looking;
  /** Apache's logical clock: the number of the election this server takes or took part in. */
  #round = 0;
  /** Counts calls of `look`, to notice one from inside a callback. */
  #lookCount = 0;
  /** What this server would propose if it knew of nobody else. */
  #initial: Vote = blankVote(0);
  #vote: Vote = blankVote(0);
  /** The votes of this round (Apache's recvset), this server's own among them if it has one. */
  readonly #votes = new Map<ServerId, GivenVote>();
  /** Who says to have a leader, whatever the round (Apache's outofelection). */
  readonly #settled = new Map<ServerId, GivenVote>();
  /** Voters that do not answer, as far as the last news goes. */
  readonly #down = new Set<ServerId>();
  readonly #doubt = new ElectionDoubt();
  readonly #askers = new Set<ServerId>();
  /** Whether the elected vote came to something: a leader with a quorum, synchronised. */
  #isEstablished = false;
  #isDoubted = false;
  #isBlank = false;
  #acceptedEpoch = 0;
  /** Goes by the votes of others, and gives none. */
  #abstains = false;
  /** Whether a decision may go without voters that are down; once for each leader that was established. */
  #mayHurry = false;
  #hasStartedOver = false;
  #configReported = 0;
  #intervalMs = 0;
  #resend: Cancel | null = null;
  #finalize: Cancel | null = null;

  constructor(options: ElectionOptions) {
    this.#self = options.self;
    this.#timers = options.timers;
    this.#log = options.log;
    this.#effects = options.effects;
    this.#finalizeWaitMs = options.finalizeWaitMs ?? 100;
    this.#intervalMinMs = options.notificationIntervalMinMs ?? 200;
    this.#intervalMaxMs = options.notificationIntervalMaxMs ?? 5000;
    this.#electorate = new Electorate(options.membership, null);
  }

  get state(): PeerState {
    return this.#state;
  }

  /** What this server proposes while it is LOOKING, and what was elected otherwise. */
  get vote(): Vote {
    return this.#vote;
  }

  /** Whether the leader was found by the votes of others alone. */
  get hasAbstained(): boolean {
    return this.#abstains;
  }

  get round(): number {
    return this.#round;
  }

  /** `lastSeen`: a configuration that was proposed and is not committed yet. Counts from the next message on. */
  setMembership(committed: Membership, lastSeen: Membership | null): void {
    this.#electorate = new Electorate(committed, lastSeen);
    for (const map of [this.#votes, this.#settled, this.#down]) {
      for (const id of map.keys()) if (!this.#electorate.voters.has(id)) map.delete(id);
    }
  }

  /**
   * Enters a new election, from whatever state. `zxid`: the last one that a restart would recover from disk
   * (reliability: P9); `peerEpoch`: the current epoch, from there too.
   *
   * `isBlank`: there is nothing on the disk that this server could vote by. It may be a new ensemble's, and it
   * may be one whose disk was replaced: then others rely on what it has forgotten, and its support could make a
   * leader of somebody who does not have it either (B05). So it votes only among servers that are blank, too, and
   * abstains as soon as one is heard that is not.
   *
   * `acceptedEpoch` is what a blank server has promised. A leader that died before anybody had synchronised with it
   * leaves its own epoch behind and nothing in it, and that is no history to abstain from for whoever promised that
   * epoch or a later one. Its epoch was promised by a quorum, so one of those that can elect it is always there;
   * without this a new ensemble whose first leader dies early would never elect another. A replaced disk has
   * promised nothing.
   */
  look(last: {
    readonly zxid: Zxid;
    readonly peerEpoch: number;
    readonly isBlank?: boolean;
    readonly acceptedEpoch?: number;
  }): void {
    this.#stopTimers();
    this.#isRunning = true;
    this.#isBlank = last.isBlank ?? false;
    this.#acceptedEpoch = last.acceptedEpoch ?? 0;
    this.#abstains = false;
    this.#hasStartedOver = false;
    this.#lookCount++;
    this.#round++;
    this.#state = PeerState.looking;
    this.#isEstablished = false;
    this.#votes.clear();
    this.#settled.clear();
    this.#doubt.reset();
    this.#configReported = this.#electorate.configVersion;
    this.#intervalMs = this.#intervalMinMs;
    this.#initial = this.#electorate.mayPropose(this.#self)
      ? { leader: this.#self, zxid: last.zxid, electionEpoch: this.#round, peerEpoch: last.peerEpoch }
      : blankVote(this.#round);
    this.#log.info('election', `round ${this.#round}, own vote ${describe(this.#initial)}`);
    this.#propose(this.#initial);
  }

  /** Takes a leader without an election, after a reconfiguration that names it. `last`: as of `look`. */
  settle(leader: ServerId, last: { readonly zxid: Zxid; readonly peerEpoch: number }): void {
    this.#stopTimers();
    this.#isRunning = true;
    this.#vote = { leader, zxid: last.zxid, electionEpoch: this.#round, peerEpoch: last.peerEpoch };
    this.#state = this.#electorate.stateUnder(leader, this.#self);
    this.#votes.clear();
    this.#settled.clear();
    this.#isEstablished = false;
    this.#isDoubted = false;
    this.#doubt.reset();
  }

  /** Synchronisation has finished, in this epoch: the ensemble stands (reliability: B37). */
  updateVoteEpoch(epoch: number): void {
    this.#vote = { ...this.#vote, peerEpoch: epoch };
    this.#isEstablished = true;
    this.#mayHurry = true;
    this.#doubt.reset();
  }

  /** No more of it: timers are taken back, nothing is sent. */
  stop(): void {
    this.#isRunning = false;
    this.#stopTimers();
  }

  /** A connection to this server has come up and nothing else waits to be sent on it. */
  onPeerConnected(id: ServerId): void {
    const isAsking = this.#state === PeerState.looking;
    if (
      !this.#isRunning ||
      !this.#electorate.voters.has(id) ||
      !(isAsking || this.#electorate.voters.has(this.#self))
    )
      return;
    this.#effects.send(id, this.#notification());
  }

  /**
   * There is good reason to believe that this server is not running: it refuses connections, or it has led us
   * and was silent for so long that we gave it up. Holds until something comes from it.
   */
  onPeerDown(id: ServerId): void {
    if (!this.#electorate.voters.has(id) || id === this.#self) return;
    this.#down.add(id);
    if (!this.#isRunning) return;
    if (this.#state === PeerState.looking) this.#tryDecide();
    else this.#reconsider();
  }

  onNotification(from: ServerId, notification: Notification): void {
    if (from === this.#self || !this.#isRunning) return;
    this.#down.delete(from);
    if (this.#state === PeerState.looking && this.#restartsFor(from, notification)) return;
    if (!this.#electorate.voters.has(from)) {
      this.#answerAsker(from, notification);
      return;
    }
    const isLooking = notification.state === PeerState.looking;
    if (this.#state === PeerState.looking) {
      if (isLooking && notification.electionEpoch < this.#round) {
        this.#effects.send(from, this.#notification());
      }
      this.#consider(from, notification);
    } else {
      if (isLooking) this.#effects.send(from, this.#notification());
      this.#noteDissent(from, notification);
    }
  }

  /** Whether a newer configuration made the owner enter another election, or stop this one until it can. */
  #restartsFor(from: ServerId, { config }: Notification): boolean {
    if (config === null || config === this.#electorate.configText) return false;
    const version = versionOf(config);
    if (version <= this.#configReported) return false;
    this.#configReported = version;
    const before = this.#lookCount;
    this.#effects.onNewerConfig(config, from);
    return this.#lookCount !== before || !this.#isRunning;
  }

  /** From a server without a vote: it wants to know, and what it says decides nothing. */
  #answerAsker(from: ServerId, { state }: Notification): void {
    // Apache's servers answer whatever its state. Two servers that each think the other has no vote would then
    // answer each other for ever.
    if (state !== PeerState.looking) return;
    this.#effects.send(from, { ...this.#notification(), electionEpoch: this.#round });
    // It may be ahead of us in noticing that a leader is gone, so what we say now need not be the last word.
    this.#askers.delete(from);
    this.#askers.add(from);
    for (const oldest of this.#askers) {
      if (this.#askers.size <= ASKERS_MAX) break;
      this.#askers.delete(oldest);
    }
  }

  #consider(from: ServerId, notification: Notification): void {
    const given = givenIn(notification);
    const { state, leader, zxid, electionEpoch, peerEpoch } = given;
    const hasHistory = zxid > 0 || (peerEpoch > 0 && peerEpoch > this.#acceptedEpoch);
    if (this.#isBlank && !this.#abstains && hasHistory) {
      this.#abstain(from);
    }
    // It had a leader when our vote came, and has thrown it away; now it wants to know.
    if (state === PeerState.looking && this.#settled.delete(from) && electionEpoch === this.#round) {
      this.#effects.send(from, this.#notification());
    }
    if (electionEpoch > ROUND_MAX) return;
    // A voter without a vote to give is in a round all the same, and counts nothing of an earlier one (seed 97001880).
    if (state === PeerState.looking && leader === NO_VOTE && electionEpoch > this.#round) {
      this.#enterRound(electionEpoch);
      this.#propose(this.#initial);
    }
    if (!this.#electorate.voters.has(leader)) return;
    if (state === PeerState.looking) this.#considerLooking(from, given);
    else if (state !== PeerState.observing) this.#considerSettled(from, given);
  }

  #abstain(because: ServerId): void {
    this.#log.info('election', `server ${because} has a history and this one has none: no vote is given`);
    this.#abstains = true;
    this.#votes.delete(this.#self);
    this.#initial = blankVote(this.#round);
    this.#propose(this.#initial);
  }

  #considerLooking(from: ServerId, given: GivenVote): void {
    if (given.zxid === UNKNOWN_ZXID || this.#initial.zxid === UNKNOWN_ZXID) return;
    if (given.electionEpoch < this.#round) return;
    let against = this.#vote;
    const isNewRound = given.electionEpoch > this.#round;
    if (isNewRound) {
      this.#enterRound(given.electionEpoch);
      against = this.#initial;
    }
    this.#votes.set(from, given);
    if (this.#electorate.isBetter(given, against)) this.#propose(voteOf(given));
    else if (isNewRound) this.#propose(against);
    else this.#tryDecide();
  }

  #considerSettled(from: ServerId, given: GivenVote): void {
    if (given.electionEpoch === this.#round) {
      this.#votes.set(from, given);
      // What a leader says of itself is a vote of this round too, in case it did not come while it was LOOKING.
      const isNews = given.leader === from && this.#electorate.isBetter(given, this.#vote);
      if (isNews) this.#support(given);
      if (this.#isLedBy(given, this.#votes)) {
        this.#decide(voteOf(given));
        return;
      }
      if (isNews) this.#broadcast();
    }
    this.#settled.set(from, given);
    if (this.#isLedBy(given, this.#settled)) {
      this.#round = given.electionEpoch;
      this.#decide(voteOf(given));
      return;
    }
    this.#tryDecide();
  }

  /**
   * Whether a quorum follows this leader, and the leader says so too (Apache's checkLeader).
   *
   * Of another leader the committed configuration's quorum is enough, where Apache asks that of a proposed one as well:
   * the others may have left behind what was proposed here, and whom it names may not exist. Then this server would look
   * for ever beside an ensemble that serves. Whoever leads has counted by what it knows itself, and counts again when
   * this server comes (decision 9).
   */
  #isLedBy(given: GivenVote, votes: ReadonlyMap<ServerId, GivenVote>): boolean {
    const supporters = supportersIn(votes, (other) => followsTheSame(given, other));
    if (given.leader === this.#self) {
      return given.electionEpoch === this.#round && this.#electorate.isQuorum(supporters);
    }
    const isLeading = votes.get(given.leader)?.state === PeerState.leading;
    return isLeading && this.#electorate.isCommittedQuorum(supporters);
  }

  #enterRound(round: number): void {
    this.#round = round;
    this.#votes.clear();
    this.#initial = { ...this.#initial, electionEpoch: round };
  }

  #propose(vote: Vote): void {
    this.#support(vote);
    this.#broadcast();
    this.#tryDecide();
  }

  #support({ leader, zxid, peerEpoch }: Vote): void {
    this.#vote = { leader, zxid, electionEpoch: this.#round, peerEpoch };
    this.#finalize?.();
    this.#finalize = null;
    if (this.#electorate.voters.has(this.#self) && !this.#abstains) {
      this.#votes.set(this.#self, {
        ...this.#vote,
        state: PeerState.looking,
        version: NOTIFICATION_VERSION,
      });
    }
  }

  #broadcast(): void {
    this.#sendToVoters();
    this.#resend?.();
    this.#resend = this.#timers.after(this.#intervalMs, () => {
      this.#resend = null;
      this.#intervalMs = Math.min(2 * this.#intervalMs, this.#intervalMaxMs);
      this.#broadcast();
    });
  }

  /**
   * Ends the election if a quorum agrees: now, or after a short wait for who might still know better.
   *
   * Now, if nobody is missing. For within a round a server's votes only get better, and the first one is its own.
   * A server that is LOOKING or LEADING is believed its own vote, so if something has come from every voter in this
   * round, nobody's own vote is better than ours, and no better one can come up in it: all that are left will turn
   * to ours, as a quorum has done. (A newer round would undo it, but no wait helps against that.)
   *
   * Now, too, if all that are missing are down, which is how a leader dies. They may be down for us alone, and the
   * others may turn to them; then `onDoubt` follows, or nobody comes to the leader, and the round is lost. So that
   * this cannot go on for ever, it is done once for each leader that was established; see decision 9.
   */
  #tryDecide(): void {
    const supporters = supportersIn(this.#votes, (other) => isSameVote(other, this.#vote));
    if (!this.#electorate.isQuorum(supporters)) return;
    const missing = this.#missing();
    const isHurried = this.#mayHurry && missing.every((id) => this.#down.has(id));
    if ((missing.length === 0 || isHurried) && !this.#down.has(this.#vote.leader)) {
      if (missing.length > 0) this.#mayHurry = false;
      this.#decide(this.#vote, { isEarly: true });
      return;
    }
    this.#finalize ??= this.#timers.after(this.#finalizeWaitMs, () => {
      this.#finalize = null;
      if (this.#down.has(this.#vote.leader) && !this.#hasStartedOver) this.#startOver();
      else this.#decide(this.#vote);
    });
  }

  /**
   * A quorum wants somebody who has died since: in another round nobody speaks for it. Once only, for it may be
   * dead to us alone, and more rounds would disturb the others.
   */
  #startOver(): void {
    this.#hasStartedOver = true;
    this.#enterRound(this.#round + 1);
    this.#log.info('election', `server ${this.#vote.leader} is down: round ${this.#round}`);
    this.#propose(this.#initial);
  }

  /** Voters whose own vote in this round could be better than ours, as far as is known. */
  #missing(): ServerId[] {
    return [...this.#electorate.voters].filter((id) => {
      return id !== this.#self && !this.#votes.has(id) && this.#electorate.canLead(id);
    });
  }

  #decide(vote: Vote, { isEarly = false } = {}): void {
    this.#stopTimers();
    this.#state = this.#electorate.stateUnder(vote.leader, this.#self);
    this.#vote = vote;
    this.#votes.clear();
    this.#settled.clear();
    this.#doubt.reset();
    this.#isDoubted = false;
    this.#log.info('election', `round ${this.#round} elected ${describe(vote)}`);
    this.#effects.withdraw();
    const askers = [...this.#askers];
    this.#askers.clear();
    const answer = { ...this.#notification(), electionEpoch: this.#round };
    for (const id of askers) this.#effects.send(id, answer);
    // Whoever still waits for what could come need not: the same vote, from the leader itself, ends its election.
    if (isEarly && this.#state === PeerState.leading) this.#sendToVoters();
    this.#effects.onElected(vote);
  }

  #noteDissent(from: ServerId, given: Notification): void {
    if (this.#isEstablished) return;
    this.#doubt.note(from, given, this.#vote, this.#electorate);
    this.#reconsider();
  }

  #reconsider(): void {
    if (this.#isEstablished || this.#isDoubted) return;
    const { leader } = this.#vote;
    const why = this.#doubt.reason({
      self: this.#self,
      leader,
      electorate: this.#electorate,
      down: this.#down,
    });
    if (why === null) return;
    this.#isDoubted = true;
    this.#log.info('election', why);
    this.#effects.onDoubt(why);
  }

  #notification(): Notification {
    const isSilent = this.#abstains && this.#state === PeerState.looking;
    return {
      state: this.#state,
      ...(isSilent ? blankVote(this.#round) : this.#vote),
      version: NOTIFICATION_VERSION,
      config: this.#electorate.configText,
    };
  }

  #sendToVoters(): void {
    const notification = this.#notification();
    for (const id of this.#electorate.voters) {
      if (id !== this.#self) this.#effects.send(id, notification);
    }
  }

  #stopTimers(): void {
    this.#resend?.();
    this.#resend = null;
    this.#finalize?.();
    this.#finalize = null;
  }
}

/** Of a configuration's text, 0 where there is none. */
function versionOf(config: string): number {
  const [, digits] = /(?:^|\n)version=([0-9a-f]{1,16})(?:\r?\n|$)/i.exec(config) ?? [];
  return digits === undefined ? 0 : Number.parseInt(digits, 16);
}

function supportersIn(
  votes: ReadonlyMap<ServerId, GivenVote>,
  agrees: (vote: GivenVote) => boolean,
): ReadonlySet<ServerId> {
  const supporters = new Set<ServerId>();
  for (const [id, vote] of votes) if (agrees(vote)) supporters.add(id);
  return supporters;
}

function describe({ leader, zxid, peerEpoch }: Vote): string {
  return `${leader} (zxid ${formatZxid(zxid)}, epoch ${peerEpoch})`;
}
