import type { Log } from '../../base/log.ts';
import type { StreamHandler } from '../../base/ports.ts';
import type { ServerId } from '../../base/server-id.ts';
import type { SessionId } from '../../base/session-id.ts';
import { makeZxid, nextZxid, type Zxid } from '../../base/zxid.ts';
import { FakeSocket } from '../../base/testing/fake-socket.ts';
import { JuteWriter } from '../../wire/jute-writer.ts';
import { writeRevalidateRequest } from '../../wire/quorum/revalidate.ts';
import { Configurations } from '../configurations.ts';
import { Leader } from '../leader.ts';
import { MajorityQuorums } from '../majority.ts';
import type { Membership } from '../membership.ts';
import type { QuorumVerifier } from '../quorum-verifier.ts';
import { entryOf, FakeConfigurationStore, FakeReplica, NO_DISK } from './fake-replica.ts';
import {
  ackEpochPacket,
  infoPacket,
  joined,
  names,
  packet,
  PacketReader,
  type InfoOptions,
  type Packet,
} from './packets.ts';
import { id, membershipOf } from './test-membership.ts';
import { VirtualTime } from './virtual-time.ts';

export const TICK_MS = 2000;

export const INIT_MS = 20_000;

export const SYNC_MS = 10_000;

const THREE = new MajorityQuorums([1, 2, 3].map(id));

/** The one that a leader of accepted epoch 4 begins. */
export const EPOCH = 5;

export function z(counter: number, epoch = EPOCH): Zxid {
  return makeZxid(epoch, counter);
}

export const OLD = [z(1, 4), z(2, 4), z(3, 4)];

export class ScriptedLearner {
  readonly socket = new FakeSocket('10.0.0.9');
  readonly reader = new PacketReader();
  readonly #bench: Bench;
  readonly handler: StreamHandler;

  constructor(bench: Bench) {
    this.#bench = bench;
    this.handler = bench.leader.onConnection(this.socket);
  }

  /** Comes in one chunk; then the turn ends. */
  send(...parts: readonly Uint8Array[]): this {
    const bytes = joined(...parts);
    this.handler.onBytes(bytes);
    bytes.fill(0xdb);
    this.#bench.endTurn();
    return this;
  }

  info(server: number, options: InfoOptions = {}): this {
    return this.send(infoPacket(server, { accepted: 4, ...options }));
  }

  received(): Packet[] {
    return this.reader.read(this.socket.take());
  }

  heard(): string[] {
    return names(this.received());
  }

  drop(): void {
    this.handler.onClosed();
    this.#bench.endTurn();
  }
}

interface BenchOptions {
  readonly verifier?: QuorumVerifier;
  readonly observers?: readonly number[];
  readonly history?: readonly number[];
  readonly accepted?: number;
  readonly current?: number;
  readonly windowCountMin?: number;
  readonly version?: number;
  readonly counterMax?: number;
  readonly membership?: Membership;
  /** Proposed, and not known to be committed. */
  readonly lastSeen?: Membership;
  /** Members may come and go. */
  readonly isChangeable?: boolean;
}

/** A leader, server 1, whose learners are scripts, with its disk and its time at the test's command. */
export class Bench {
  readonly time = new VirtualTime();
  readonly replica: FakeReplica;
  readonly leader: Leader;
  readonly events: string[] = [];
  readonly log: string[] = [];
  readonly requests: string[] = [];
  sessions = new Set<SessionId>();
  isTurnBegun = false;
  /** Called for each request that a learner forwards. */
  onRequest: () => void = () => undefined;

  constructor(options: BenchOptions = {}) {
    const { accepted = 4, current = accepted, windowCountMin = 500, version = 0 } = options;
    const { verifier = THREE, observers = [], history = OLD } = options;
    this.replica = new FakeReplica(history, { accepted, current, windowCountMin });
    const say = (level: string) => (_component: string, message: string) =>
      void this.log.push(`${level} ${message}`);
    const log: Log = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
    this.leader = new Leader({
      self: 1 as ServerId,
      configurations: new Configurations({
        self: id(1),
        committed: options.membership ?? membershipOf(verifier, { observers, version }),
        lastSeen: options.lastSeen ?? null,
        files: options.isChangeable === true ? new FakeConfigurationStore(this.replica) : null,
      }),
      replica: this.replica,
      disk: NO_DISK,
      clock: this.time,
      timers: this.time,
      log,
      observer: null,
      packetBytesMax: 1 << 20,
      tickMs: TICK_MS,
      initLimitMs: INIT_MS,
      syncLimitMs: SYNC_MS,
      ...(options.counterMax === undefined ? {} : { counterMax: options.counterMax }),
      events: {
        onEstablished: (epoch) => this.events.push(`leads in ${epoch}`),
        onCommitted: (zxid) => {
          this.events.push(`committed 0x${zxid.toString(16)}`);
          this.replica.applyThrough(zxid);
        },
        onRequest: (_from, { cxid, type }) => {
          this.requests.push(`${type} ${cxid}`);
          this.onRequest();
        },
        onTouch: (session, timeoutMs) => this.events.push(`touch ${session} ${timeoutMs}`),
        onRevalidate: (_from, session) => this.sessions.has(session),
        onEnded: (why, successor) =>
          this.events.push(`ended: ${why}${successor === null ? '' : ` (${successor} leads)`}`),
        onFatal: (error) => this.events.push(`fatal: ${error.message}`),
        beginTurn: () => {
          this.isTurnBegun = true;
        },
      },
    });
    this.leader.start();
  }

  connect(): ScriptedLearner {
    return new ScriptedLearner(this);
  }

  /** Time passes; it turns once in a while, as it does where there are timers. */
  pass(ms: number, each: () => void = () => undefined): void {
    for (const end = this.time.nowMs + ms; this.time.nowMs < end;) {
      this.time.runUntil(Math.min(end, this.time.nowMs + 100));
      each();
      this.endTurn();
    }
  }

  endTurn(): void {
    this.leader.commitAcknowledged();
    this.leader.flush();
  }

  /** As the shell does: a turn ends if somebody has begun it. */
  takeTurn(): boolean {
    if (!this.isTurnBegun) return false;
    this.isTurnBegun = false;
    this.endTurn();
    return true;
  }

  /** Of a client of its own. */
  propose(
    zxid: Zxid = nextZxid(this.replica.lastLogged < z(0) ? z(0) : this.replica.lastLogged),
    entry: Uint8Array = entryOf(zxid),
  ): Zxid {
    this.replica.append(zxid, entry);
    this.leader.propose(zxid, entry);
    this.endTurn();
    return zxid;
  }

  /** Its own log comes back from the disk. */
  flush(): void {
    this.replica.flush();
    this.leader.onDurable();
    this.endTurn();
  }

  /** A follower or observer that has come as far as ACK of NEWLEADER, and has `history`. */
  join(server: number, last: number = OLD.at(-1) as Zxid, options: InfoOptions = {}): ScriptedLearner {
    return this.connect()
      .info(server, options)
      .send(ackEpochPacket(last, 4))
      .send(packet('ack', z(0)));
  }

  /** Several at once, as far as the answer to ACKEPOCH: only together they are a quorum. */
  accepting(...servers: readonly number[]): ScriptedLearner[] {
    const learners = servers.map((server) => this.connect().info(server));
    for (const learner of learners) learner.send(ackEpochPacket(OLD.at(-1) as Zxid, 4));
    return learners;
  }

  /** With server 2 as its quorum. */
  established(): ScriptedLearner {
    const follower = this.connect()
      .info(2)
      .send(ackEpochPacket(OLD.at(-1) as Zxid, 4));
    follower.send(packet('ack', z(0)));
    follower.received();
    this.events.length = 0;
    return follower;
  }
}

export function question(session: bigint): Uint8Array {
  const writer = new JuteWriter();
  writeRevalidateRequest(writer, { sessionId: session as SessionId, timeoutMs: 4000 });
  return packet('revalidate', -1, writer.bytes().slice());
}
