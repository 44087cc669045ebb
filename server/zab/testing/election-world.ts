import { assert } from '../../base/assert.ts';
import { type Log, SILENT_LOG } from '../../base/log.ts';
import type { Cancel, Timers } from '../../base/ports.ts';
import type { Prng } from '../../base/prng.ts';
import type { ServerId } from '../../base/server-id.ts';
import { makeZxid, type Zxid } from '../../base/zxid.ts';
import { PeerState } from '../../wire/election/notification.ts';
import { ElectionLinks } from '../election-links.ts';
import { Election } from '../election.ts';
import type { Membership } from '../membership.ts';
import { hostOf } from './test-membership.ts';
import { TestNetwork } from './test-network.ts';
import { VirtualTime } from './virtual-time.ts';

/** How long a leader waits for a quorum, and one that has lost it goes on; `initLimit` and `syncLimit`. */
const INIT_LIMIT_MS = 4000;
const SYNC_LIMIT_MS = 1000;
/** How often a follower tries to reach the leader it has elected, and for how long. */
const FOLLOW_RETRY_MS = 5;
const FOLLOW_TIMEOUT_MS = 500;

export interface WorldOptions {
  readonly prng: Prng;
  readonly membership: Membership;
  readonly delayMinMs?: number;
  readonly delayMaxMs?: number;
  /** For servers whose elections are Apache's in what makes ours faster. */
  readonly finalizeWaitMs?: number;
  readonly trace?: (line: string) => void;
}

/** What a server has on its disk. */
export interface Stored {
  acceptedEpoch: number;
  currentEpoch: number;
  zxid: Zxid;
  /** Nothing is there, and it says so. */
  isBlank?: boolean;
}

/**
 * Servers that hold elections in virtual time over a network of bytes, and after that follow their leader the
 * way Zab does, as far as elections can tell: a leader is established when a quorum has come to it, and gives
 * up when there is none.
 */
export class ElectionWorld {
  readonly time = new VirtualTime();
  readonly network: TestNetwork;
  readonly options: WorldOptions;
  readonly servers = new Map<ServerId, TestServer>();
  /** Epochs that were established, each with its leader: never two for one. */
  readonly established = new Map<number, ServerId>();

  constructor(options: WorldOptions) {
    this.options = options;
    this.network = new TestNetwork({
      time: this.time,
      prng: options.prng.fork('network'),
      delayMinMs: options.delayMinMs ?? 0.1,
      delayMaxMs: options.delayMaxMs ?? 2,
    });
    for (const server of options.membership.members.keys()) {
      this.servers.set(server, new TestServer(this, server));
    }
  }

  server(server: number): TestServer {
    const found = this.servers.get(server as ServerId);
    assert(found !== undefined, `no server ${server}`);
    return found;
  }

  get running(): TestServer[] {
    return [...this.servers.values()].filter((server) => server.isRunning);
  }

  /** The leader that stands and whom everybody that runs follows, synchronised; null until there is one. */
  get leader(): TestServer | null {
    const leader = this.running.find((server) => server.isEstablished && server.state === PeerState.leading);
    if (leader === undefined) return null;
    const isFollowed = this.running.every(
      (server) => server === leader || (server.following === leader && server.isEstablished),
    );
    return isFollowed ? leader : null;
  }

  /** Cuts a server off from all others, silently: they find out by waiting. */
  isolate(server: number): void {
    const isolated = this.server(server);
    this.trace(`server ${server} is isolated`);
    for (const other of this.servers.values()) {
      if (other === isolated) continue;
      this.network.cut(hostOf(isolated.id), hostOf(other.id));
      if (other.following === isolated) other.loseLeader(isolated);
      if (isolated.following === other) isolated.loseLeader(other);
    }
  }

  trace(line: string): void {
    if (this.options.trace === undefined) return;
    this.options.trace(`${this.time.nowMs.toFixed(2)} ${line}`);
  }
}

/** One server, which may be started and crash many times; what is on its disk stays. */
export class TestServer {
  readonly id: ServerId;
  readonly stored: Stored = { acceptedEpoch: 0, currentEpoch: 0, zxid: makeZxid(0, 0) };
  election: Election | null = null;
  links: ElectionLinks | null = null;
  /** While LEADING: who has come. */
  readonly followers = new Set<TestServer>();
  following: TestServer | null = null;
  isEstablished = false;
  /** Elections entered since it was started last. */
  lookCount = 0;
  doubtCount = 0;
  electedAtMs = 0;
  readonly #world: ElectionWorld;
  #role: Cancel[] = [];
  #life = 0;

  constructor(world: ElectionWorld, server: ServerId) {
    this.#world = world;
    this.id = server;
  }

  get isRunning(): boolean {
    return this.election !== null;
  }

  get state(): PeerState | null {
    return this.election?.state ?? null;
  }

  get isVoter(): boolean {
    return this.#world.options.membership.verifier.voters.has(this.id);
  }

  start(): void {
    assert(this.election === null, 'started twice');
    const { network, options } = this.#world;
    const { membership, prng, finalizeWaitMs } = options;
    const life = this.#life;
    const isAlive = (): boolean => life === this.#life;
    const timers = this.#timersOfThisLife();
    const log = this.#log();
    const links = new ElectionLinks({
      self: this.id,
      membership,
      dialer: network.dialerOf(hostOf(this.id), isAlive),
      timers,
      log,
      prng: prng.fork(`server ${this.id}`),
      events: {
        onNotification: (from, notification) => election.onNotification(from, notification),
        onPeerConnected: (peer) => election.onPeerConnected(peer),
        onPeerLost: () => {},
        onPeerDown: (peer) => election.onPeerDown(peer),
      },
    });
    const election = new Election({
      self: this.id,
      membership,
      timers,
      log,
      effects: {
        send: (to, notification) => links.send(to, notification),
        withdraw: () => links.withdraw(),
        onElected: () => this.#onElected(),
        onDoubt: () => {
          this.doubtCount++;
          this.look();
        },
        onNewerConfig: () => {},
      },
      ...(finalizeWaitMs === undefined ? {} : { finalizeWaitMs }),
    });
    this.election = election;
    this.links = links;
    this.lookCount = 0;
    network.listen(hostOf(this.id), links.accept);
    this.look();
  }

  crash(): void {
    assert(this.election !== null, 'crashed twice');
    this.#world.trace(`server ${this.id} crashes`);
    this.#life++;
    this.#leaveRole();
    this.#world.network.crash(hostOf(this.id));
    this.election = null;
    this.links = null;
  }

  look(): void {
    this.#leaveRole();
    this.lookCount++;
    const { zxid, currentEpoch: peerEpoch, isBlank = false } = this.stored;
    this.election?.look({ zxid, peerEpoch, isBlank });
  }

  /** Nothing comes from its leader any more, which it stands for so long; then it gives it up for dead. */
  loseLeader(leader: TestServer): void {
    this.#inRole(SYNC_LIMIT_MS + this.#world.network.delay(), () => {
      this.election?.onPeerDown(leader.id);
      this.look();
    });
  }

  /** What this server does until its next election. */
  #inRole(delayMs: number, run: () => void): void {
    this.#role.push(this.#world.time.after(delayMs, run));
  }

  #leaveRole(): void {
    for (const cancel of this.#role) cancel();
    this.#role = [];
    this.isEstablished = false;
    const { following } = this;
    this.following = null;
    following?.followers.delete(this);
    if (following !== null && !following.#hasQuorum()) following.#onQuorumLost();
    const followers = [...this.followers];
    this.followers.clear();
    for (const follower of followers) follower.#onLeaderLost();
  }

  #onElected(): void {
    this.electedAtMs = this.#world.time.nowMs;
    this.#world.trace(`server ${this.id} is ${this.state} for ${this.election?.vote.leader}`);
    if (this.state === PeerState.leading) {
      this.#inRole(INIT_LIMIT_MS, () => {
        if (!this.isEstablished) this.look();
      });
      this.#inRole(0, () => this.#establish());
    } else this.#follow(this.#world.time.nowMs + FOLLOW_TIMEOUT_MS);
  }

  #follow(untilMs: number): void {
    const leader = this.#world.servers.get(this.election?.vote.leader ?? this.id);
    const { network, time } = this.#world;
    const isReachable = leader !== undefined && !network.isCut(hostOf(this.id), hostOf(leader.id));
    if (isReachable && leader.state === PeerState.leading) {
      this.following = leader;
      leader.followers.add(this);
      if (leader.isEstablished) this.#synchronise(leader);
      else leader.#establish();
    } else if (time.nowMs >= untilMs) this.look();
    else this.#inRole(FOLLOW_RETRY_MS, () => this.#follow(untilMs));
  }

  #establish(): void {
    if (this.isEstablished || !this.#hasQuorum()) return;
    const voters = [this, ...this.followers].filter(({ isVoter }) => isVoter);
    const epoch = Math.max(...voters.map(({ stored }) => stored.acceptedEpoch)) + 1;
    for (const { stored } of voters) stored.acceptedEpoch = epoch;
    assert(!this.#world.established.has(epoch), `epoch ${epoch} established twice`);
    this.#world.established.set(epoch, this.id);
    this.isEstablished = true;
    this.stored.currentEpoch = epoch;
    this.election?.updateVoteEpoch(epoch);
    this.#world.trace(`server ${this.id} leads in epoch ${epoch}`);
    for (const follower of this.followers) follower.#synchronise(this);
  }

  #synchronise(leader: TestServer): void {
    const delayMs = 2 * this.#world.network.delay();
    this.#inRole(delayMs, () => {
      this.isEstablished = true;
      this.stored.currentEpoch = leader.stored.currentEpoch;
      this.stored.zxid = leader.stored.zxid;
      this.election?.updateVoteEpoch(leader.stored.currentEpoch);
    });
  }

  #hasQuorum(): boolean {
    const ids = new Set([this, ...this.followers].map((server) => server.id));
    return this.#world.options.membership.verifier.containsQuorum(ids);
  }

  #onQuorumLost(): void {
    this.#inRole(SYNC_LIMIT_MS, () => {
      if (!this.#hasQuorum()) this.look();
    });
  }

  /** The connection to it has broken, which this server hears of a little later. */
  #onLeaderLost(): void {
    this.following = null;
    this.#inRole(this.#world.network.delay(), () => this.look());
  }

  #timersOfThisLife(): Timers {
    const life = this.#life;
    return {
      after: (delayMs, run) =>
        this.#world.time.after(delayMs, () => {
          if (life === this.#life) run();
        }),
    };
  }

  #log(): Log {
    if (this.#world.options.trace === undefined) return SILENT_LOG;
    const trace = (component: string, message: string): void => {
      this.#world.trace(`[${this.id}] ${component}: ${message}`);
    };
    return { debug: trace, info: trace, warn: trace, error: trace };
  }
}
