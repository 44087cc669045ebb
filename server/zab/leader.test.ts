import t from 'tap';
import type { Log } from '../base/log.ts';
import type { ServerId } from '../base/server-id.ts';
import type { SessionId } from '../base/session-id.ts';
import { makeZxid, nextZxid, type Zxid } from '../base/zxid.ts';
import type { StreamHandler } from '../base/ports.ts';
import { FakeSocket } from '../pipeline/testing/fake-socket.ts';
import { StorageError } from '../storage/storage-error.ts';
import { JuteReader } from '../wire/jute-reader.ts';
import { JuteWriter } from '../wire/jute-writer.ts';
import { OpCode } from '../wire/opcode.ts';
import { writeRevalidateRequest, readRevalidateReply } from '../wire/quorum/revalidate.ts';
import { writeSessionTouch } from '../wire/quorum/session-touch.ts';
import { Leader } from './leader.ts';
import { MajorityQuorums } from './majority.ts';
import type { QuorumVerifier } from './quorum-verifier.ts';
import { entryOf, FakeReplica, NO_DISK } from './testing/fake-replica.ts';
import {
  ackEpochPacket,
  infoPacket,
  joined,
  names,
  packet,
  PacketReader,
  requestPacket,
  type InfoOptions,
  type Packet,
} from './testing/packets.ts';
import { hierarchical, id, membershipOf } from './testing/test-membership.ts';
import { VirtualTime } from './testing/virtual-time.ts';

const TICK_MS = 2000;
const INIT_MS = 20_000;
const SYNC_MS = 10_000;
const THREE = new MajorityQuorums([1, 2, 3].map(id));
/** The one that a leader of accepted epoch 4 begins. */
const EPOCH = 5;

function z(counter: number, epoch = EPOCH): Zxid {
  return makeZxid(epoch, counter);
}

const OLD = [z(1, 4), z(2, 4), z(3, 4)];

class ScriptedLearner {
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
}

/** A leader, server 1, whose learners are scripts, with its disk and its time at the test's command. */
class Bench {
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
      membership: membershipOf(verifier, { observers, version }),
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
        onEnded: (why) => this.events.push(`ended: ${why}`),
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
  propose(zxid: Zxid = nextZxid(this.replica.lastLogged < z(0) ? z(0) : this.replica.lastLogged)): Zxid {
    this.replica.append(zxid, entryOf(zxid));
    this.leader.propose(zxid, entryOf(zxid));
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

await t.test(
  'discovery, synchronisation, broadcast: each when there is a quorum, and the disk before the word',
  async (t) => {
    const bench = new Bench();
    bench.replica.holdsJobs = true;
    const follower = bench.connect();
    t.equal(bench.replica.heldJobs, 0, 'alone it proposes no epoch');
    follower.info(2);
    t.same(follower.heard(), [], 'its own promise first');
    bench.replica.finishJob();
    bench.endTurn();
    t.same(follower.heard(), ['leaderInfo 0x500000000']);
    follower.send(ackEpochPacket(OLD.at(-1) as Zxid, 4));
    t.same(follower.heard(), []);
    bench.replica.finishJob();
    bench.endTurn();
    t.same(bench.replica.steps, ['acceptedEpoch 5', 'currentEpoch 5']);
    t.same(follower.heard(), ['diff 0x400000003', 'newLeader 0x500000000']);
    t.same(bench.events, []);
    follower.send(packet('ack', z(0)));
    t.same(bench.events, ['leads in 5']);
    t.same(follower.heard(), ['upToDate -']);
    const late = bench.connect().info(3);
    t.same(late.heard(), ['leaderInfo 0x500000000'], 'who comes later waits for nobody');
    late.send(ackEpochPacket(OLD.at(-1) as Zxid, 4)).send(packet('ack', z(0)));
    t.same(late.heard(), ['diff 0x400000003', 'newLeader 0x500000000', 'upToDate -']);
  },
);

await t.test('the epoch is above every one that was accepted', async (t) => {
  const bench = new Bench();
  bench.replica.holdsJobs = true;
  const follower = bench.connect().info(2, { accepted: 7 });
  bench.replica.finishJob();
  bench.endTurn();
  t.same(follower.heard(), ['leaderInfo 0x800000000']);
});

await t.test('observers, and who is no voter, are never counted (B29, ZOOKEEPER-2959)', async (t) => {
  const bench = new Bench({ observers: [7, 8] });
  for (const server of [7, 8]) bench.connect().info(server, { isObserver: true });
  t.same(bench.replica.steps, [], 'not in discovery');
  const follower = bench.connect().info(2);
  t.same(bench.replica.steps, ['acceptedEpoch 5']);
  bench
    .connect()
    .info(7, { isObserver: true })
    .send(ackEpochPacket(OLD[0] as Zxid, 4));
  t.same(bench.replica.steps, ['acceptedEpoch 5'], 'not for the epoch');
  follower.send(ackEpochPacket(OLD.at(-1) as Zxid, 4));
  const observer = bench.join(7, OLD[0], { isObserver: true });
  t.same(bench.events, [], 'not for NEWLEADER');
  follower.send(packet('ack', z(0)));
  t.same(bench.events, ['leads in 5']);
  const zxid = bench.propose();
  bench.flush();
  observer.send(packet('ack', zxid));
  t.same(bench.events, ['leads in 5'], 'not for a proposal');
  follower.send(packet('ack', zxid));
  t.same(bench.events, ['leads in 5', 'committed 0x500000001']);
});

await t.test(
  'who accepted the epoch before does not count for it, and is synchronised all the same',
  async (t) => {
    const bench = new Bench();
    const first = bench
      .connect()
      .info(2)
      .send(ackEpochPacket(OLD.at(-1) as Zxid, null));
    t.same(bench.replica.steps, ['acceptedEpoch 5']);
    bench
      .connect()
      .info(3)
      .send(ackEpochPacket(OLD.at(-1) as Zxid, 4));
    t.same(bench.replica.steps, ['acceptedEpoch 5', 'currentEpoch 5']);
    t.same(first.heard(), ['leaderInfo 0x500000000', 'diff 0x400000003', 'newLeader 0x500000000']);
  },
);

await t.test(
  'in discovery a longer history is sent away: by its epoch first, then by its zxid',
  async (t) => {
    const cases: readonly (readonly [string, Zxid, number, boolean])[] = [
      ['the same', OLD.at(-1) as Zxid, 4, false],
      ['longer', z(4, 4), 4, true],
      ['shorter, of a later epoch', OLD[0] as Zxid, 5, true],
      ['longer, of an earlier epoch', z(9, 4), 3, false],
    ];
    for (const [what, last, current, isRefused] of cases) {
      const bench = new Bench();
      const follower = bench.connect().info(2).send(ackEpochPacket(last, current));
      t.equal(follower.socket.state, isRefused ? 'destroyed' : 'open', what);
      t.equal(bench.replica.steps.length, isRefused ? 1 : 2, what);
    }
  },
);

await t.test(
  'a voter that has accepted a later epoch could never come back: it must be another one’s turn',
  async (t) => {
    const bench = new Bench();
    bench.established();
    bench.connect().info(3, { accepted: EPOCH });
    t.same(bench.events, []);
    bench.connect().info(3, { accepted: EPOCH + 1 });
    t.match(bench.events, [/^ended: server 3 has accepted epoch 6/]);
  },
);

await t.test('DIFF, TRUNC or SNAP, and what is outstanding for voters alone', async (t) => {
  const bench = new Bench({ observers: [7], windowCountMin: 2 });
  bench.established();
  bench.propose();
  const behind = bench.join(3, OLD[1]);
  t.same(behind.heard(), [
    'leaderInfo 0x500000000',
    'diff 0x400000003',
    'proposal 0x400000003',
    'commit 0x400000003',
    'proposal 0x500000001',
    'newLeader 0x500000000',
    'upToDate -',
  ]);
  const observer = bench.join(7, OLD[1], { isObserver: true });
  t.same(observer.heard(), [
    'leaderInfo 0x500000000',
    'diff 0x400000003',
    'proposal 0x400000003',
    'commit 0x400000003',
    'newLeader 0x500000000',
    'upToDate -',
  ]);
  const ahead = bench.join(3, z(9, 4));
  t.same(ahead.heard(), [
    'leaderInfo 0x500000000',
    'trunc 0x400000003',
    'proposal 0x500000001',
    'newLeader 0x500000000',
    'upToDate -',
  ]);
  const empty = bench.join(3, 0);
  t.same(empty.heard().slice(0, 2), ['leaderInfo 0x500000000', 'snap 0x400000003']);
  t.same(empty.reader.snapshotPaths, ['', '/0']);
});

await t.test('commits: the disk of a quorum, its own always among them, and in order', async (t) => {
  const bench = new Bench({ verifier: new MajorityQuorums([1, 2, 3, 4, 5].map(id)), observers: [7] });
  const followers = bench.accepting(2, 3, 4);
  for (const follower of followers) follower.send(packet('ack', z(0)));
  const observer = bench.join(7, undefined, { isObserver: true });
  const [a, b, c] = followers as [ScriptedLearner, ScriptedLearner, ScriptedLearner];
  for (const each of [...followers, observer]) each.received();
  bench.events.length = 0;
  for (let i = 0; i < 4; i++) bench.propose();
  t.same(
    a.heard(),
    [1, 2, 3, 4].map((i) => `proposal 0x50000000${i}`),
  );
  t.same(observer.heard(), [], 'an observer hears of what is committed');
  for (const each of followers) each.send(packet('ack', z(1)), packet('ack', z(2)));
  t.same(bench.events, [], 'not before it is durable here, whoever has it');
  bench.flush();
  t.same(bench.events, ['committed 0x500000002']);
  t.same(a.heard(), ['commit 0x500000001', 'commit 0x500000002']);
  t.same(observer.heard(), ['inform 0x500000001', 'inform 0x500000002']);
  a.send(packet('ack', z(4)));
  t.equal(bench.events.length, 1, 'one of five and itself are no quorum');
  a.send(packet('ack', z(3)), packet('ack', z(4)), packet('ack', z(4)));
  t.equal(bench.events.length, 1, 'nor is the same one twice');
  c.send(packet('ack', z(3)));
  t.same(bench.events.slice(1), ['committed 0x500000003']);
  b.send(packet('ack', z(4)), packet('ack', z(3)));
  t.same(bench.events.slice(2), ['committed 0x500000004'], 'acks that come the wrong way round lose nothing');
  t.same(observer.heard(), ['inform 0x500000003', 'inform 0x500000004']);
});

await t.test('an ack of what was never proposed counts for nothing', async (t) => {
  const bench = new Bench();
  const follower = bench.established();
  follower.send(packet('ack', z(1)), packet('ack', z(100)), packet('ack', z(1, EPOCH + 1)));
  bench.propose();
  bench.flush();
  t.same(bench.events, []);
  follower.send(packet('ack', z(1)));
  t.same(bench.events, ['committed 0x500000001']);
});

await t.test('in a hierarchy the groups decide', async (t) => {
  const groups = [
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
  ];
  const verifier = hierarchical(groups.map((group) => group.map((server) => ({ id: server, weight: 1 }))));
  const bench = new Bench({ verifier });
  const acks = ackEpochPacket(OLD.at(-1) as Zxid, 4);
  const [two, three, four, seven] = [2, 3, 4, 7].map((server) => bench.connect().info(server));
  t.same(bench.replica.steps, [], 'five of nine, but most of one group only');
  const five = bench.connect().info(5);
  t.equal(bench.replica.steps.length, 1);
  for (const each of [two, four, seven]) each?.send(acks);
  t.equal(bench.replica.steps.length, 1);
  five.send(acks);
  t.equal(bench.replica.steps.length, 2);
  for (const each of [four, five]) each?.send(packet('ack', z(0)));
  t.same(bench.events, [], 'the leader is alone in its own group');
  two?.send(packet('ack', z(0)));
  t.same(bench.events, ['leads in 5']);
  const zxid = bench.propose();
  bench.flush();
  for (const each of [four, five]) each?.send(packet('ack', zxid));
  t.equal(bench.events.length, 1);
  two?.send(packet('ack', zxid));
  t.same(bench.events.slice(1), ['committed 0x500000001']);
  t.equal(three?.socket.state, 'open');
});

await t.test('who promises before it was asked to is sent away', async (t) => {
  const bench = new Bench({ verifier: new MajorityQuorums([1, 2, 3, 4, 5].map(id)) });
  const eager = bench
    .connect()
    .info(2)
    .send(ackEpochPacket(OLD.at(-1) as Zxid, 4));
  t.equal(eager.socket.state, 'destroyed');
  bench.connect().info(3);
  t.same(bench.replica.steps, [], 'and does not count');
});

await t.test(
  'before its ack of NEWLEADER a learner may say nothing else (B42, ZOOKEEPER-4685)',
  async (t) => {
    for (const bytes of [
      packet('ping', z(0), new Uint8Array(0)),
      packet('ack', z(1)),
      packet('ack', z(0, EPOCH - 1)),
    ]) {
      const bench = new Bench();
      const follower = bench
        .connect()
        .info(2)
        .send(ackEpochPacket(OLD.at(-1) as Zxid, 4))
        .send(bytes);
      t.equal(follower.socket.state, 'destroyed');
      t.same(bench.events, []);
    }
  },
);

await t.test(
  'who is synchronised waits for the quorum as long as it takes, and is told that we are there',
  async (t) => {
    const bench = new Bench({ verifier: new MajorityQuorums([1, 2, 3, 4, 5].map(id)) });
    const [early, late] = bench.accepting(2, 3);
    early?.send(packet('ack', z(0)));
    early?.received();
    bench.pass(SYNC_MS + 5000);
    t.equal(early?.socket.state, 'open', 'it has nothing to say meanwhile');
    const heard = early?.heard() ?? [];
    t.same(new Set(heard), new Set(['ping 0x500000000']), 'or it would give up after syncLimit');
    late?.send(packet('ack', z(0)));
    t.same(bench.events, ['leads in 5']);
  },
);

await t.test('each of the three quorums must come in time (B35, ZOOKEEPER-1270)', async (t) => {
  const alone = new Bench();
  alone.pass(INIT_MS + 200);
  t.match(alone.events, [/^ended: no quorum came to it in time, in discovery/]);
  const unaccepted = new Bench();
  unaccepted.connect().info(2);
  unaccepted.pass(INIT_MS + 200);
  t.match(unaccepted.events, [/in discovery/]);
  const unsynchronised = new Bench();
  unsynchronised.pass(INIT_MS - 1000);
  unsynchronised
    .connect()
    .info(2)
    .send(ackEpochPacket(OLD.at(-1) as Zxid, 4));
  unsynchronised.pass(INIT_MS - 1000);
  t.same(unsynchronised.events, [], 'each has its own time');
  unsynchronised.pass(2000);
  t.match(unsynchronised.events, [/in synchronisation/]);
});

await t.test('what comes back from the disk after its end begins nothing anew', async (t) => {
  for (const isStopped of [false, true]) {
    for (const jobs of [0, 1]) {
      const bench = new Bench();
      bench.replica.holdsJobs = true;
      const follower = bench.connect().info(2);
      if (jobs === 1) {
        bench.replica.finishJob();
        bench.endTurn();
        follower.send(ackEpochPacket(OLD.at(-1) as Zxid, 4));
      }
      bench.time.runUntil(INIT_MS);
      t.equal(bench.events.length, 1, 'it gave up');
      follower.received();
      if (isStopped) bench.leader.stop(() => bench.events.push('stopped'));
      t.equal(bench.events.length, 1, 'it is stopped when its job is done');
      bench.replica.finishJob();
      follower.handler.onBytes(ackEpochPacket(OLD.at(-1) as Zxid, 4));
      bench.leader.flush();
      t.same(follower.heard(), []);
      bench.time.runUntil(10 * INIT_MS);
      t.same(bench.events.slice(1), isStopped ? ['stopped'] : [], 'and does not end a second time');
    }
  }
});

await t.test('who loses its quorum leads no more', async (t) => {
  const bench = new Bench();
  const follower = bench.established();
  const other = bench.join(3);
  other.drop();
  t.same(bench.events, []);
  follower.drop();
  t.same(bench.events, ['ended: it has no quorum any more']);
});

await t.test('pings, and who does not answer them in time is lost', async (t) => {
  const bench = new Bench();
  const follower = bench.established();
  const silent = bench.join(3);
  silent.received();
  let pings = 0;
  bench.pass(SYNC_MS + 200, () => {
    const heard = follower.heard().length;
    pings += heard;
    if (heard > 0) follower.send(packet('ping', z(0), new Uint8Array(0)));
  });
  t.equal(pings, (2 * SYNC_MS) / TICK_MS, 'two in a tick');
  t.equal(silent.socket.state, 'destroyed');
  t.equal(follower.socket.state, 'open');
  t.ok(bench.log.some((line) => line.includes('lost server 3 at 10.0.0.9: nothing was heard')));
});

await t.test('a learner’s touches reach whoever keeps the sessions', async (t) => {
  const bench = new Bench();
  const follower = bench.established();
  const writer = new JuteWriter();
  writeSessionTouch(writer, 7n as SessionId, 4000);
  writeSessionTouch(writer, 8n as SessionId, 5000);
  follower.send(packet('ping', z(0), writer.bytes().slice()));
  t.same(bench.events, ['touch 7 4000', 'touch 8 5000']);
});

await t.test('who takes proposals and pings and acknowledges nothing is sent away', async (t) => {
  const bench = new Bench();
  const follower = bench.established();
  const stuck = bench.join(3);
  bench.pass(2 * SYNC_MS, () => {
    for (const each of [follower, stuck]) {
      if (each.socket.state === 'open') each.send(packet('ping', z(0), new Uint8Array(0)));
    }
    const zxid = bench.propose();
    bench.flush();
    follower.send(packet('ack', zxid));
  });
  t.equal(stuck.socket.state, 'destroyed');
  t.equal(follower.socket.state, 'open');
});

await t.test(
  'what a learner was synchronised with as committed it is not waited for to acknowledge',
  async (t) => {
    const bench = new Bench();
    const follower = bench.established();
    follower.send(packet('ack', bench.propose()));
    bench.flush();
    const late = bench.join(3);
    bench.pass(3 * SYNC_MS, () => {
      for (const each of [follower, late]) each.send(packet('ping', z(0), new Uint8Array(0)));
    });
    t.equal(late.socket.state, 'open');
    bench.propose();
    bench.pass(SYNC_MS + 2 * TICK_MS, () => {
      bench.flush();
      for (const each of [follower, late]) {
        if (each.socket.state === 'open') each.send(packet('ping', z(0), new Uint8Array(0)));
      }
      follower.send(packet('ack', bench.replica.lastLogged));
    });
    t.equal(late.socket.state, 'destroyed', 'what is proposed from then on is another matter');
  },
);

await t.test('a leader that has nothing to propose goes on leading', async (t) => {
  for (const proposals of [0, 1]) {
    const bench = new Bench();
    const follower = bench.established();
    for (let i = 0; i < proposals; i++) follower.send(packet('ack', bench.propose()));
    bench.flush();
    bench.pass(6 * SYNC_MS, () => follower.send(packet('ping', z(0), new Uint8Array(0))));
    t.same(bench.events, proposals === 0 ? [] : ['committed 0x500000001']);
    t.equal(follower.socket.state, 'open');
  }
});

await t.test('a leader whose own disk hangs steps down (B45, ZOOKEEPER-2247, 2380, 2687)', async (t) => {
  const bench = new Bench();
  const follower = bench.established();
  const zxid = bench.propose();
  follower.send(packet('ack', zxid));
  bench.pass(SYNC_MS + 2 * TICK_MS, () => follower.send(packet('ping', z(0), new Uint8Array(0))));
  t.same(bench.events, ['ended: its own disk takes too long']);
});

await t.test(
  'a sync is answered when everything proposed before it is committed, and after its COMMIT',
  async (t) => {
    const bench = new Bench();
    const follower = bench.established();
    const sync = requestPacket({
      sessionId: 7n as SessionId,
      cxid: 1,
      type: OpCode.sync,
      body: new Uint8Array(0),
    });
    follower.send(sync);
    t.same(follower.heard(), ['sync 0x0'], 'at once if there is nothing');
    bench.propose();
    follower.send(sync, sync);
    bench.propose();
    follower.send(sync);
    bench.flush();
    t.same(follower.heard(), ['proposal 0x500000001', 'proposal 0x500000002']);
    follower.send(packet('ack', z(1)));
    t.same(follower.heard(), ['commit 0x500000001', 'sync 0x0', 'sync 0x0']);
    follower.send(packet('ack', z(2)));
    t.same(follower.heard(), ['commit 0x500000002', 'sync 0x0']);
  },
);

function question(session: bigint): Uint8Array {
  const writer = new JuteWriter();
  writeRevalidateRequest(writer, { sessionId: session as SessionId, timeoutMs: 4000 });
  return packet('revalidate', -1, writer.bytes().slice());
}

await t.test('requests and questions about sessions go up, answers come back', async (t) => {
  const bench = new Bench();
  const follower = bench.established();
  bench.sessions.add(7n as SessionId);
  follower.send(
    requestPacket({ sessionId: 7n as SessionId, cxid: 3, type: OpCode.create, body: Uint8Array.of(1) }),
    question(7n),
    question(8n),
    packet('informAndActivate', z(0)),
  );
  t.same(bench.requests, ['1 3']);
  const answers = follower
    .received()
    .map(({ data }) => readRevalidateReply(new JuteReader(data as Uint8Array)));
  t.same(answers, [
    { sessionId: 7n, isValid: true },
    { sessionId: 8n, isValid: false },
  ]);
  bench.propose();
  bench.propose();
  bench.flush();
  follower.send(question(7n));
  t.same(follower.heard(), ['proposal 0x500000001', 'proposal 0x500000002']);
  follower.send(packet('ack', z(1)));
  t.same(follower.heard(), ['commit 0x500000001'], 'what was asked through another connection comes first');
  follower.send(packet('ack', z(2)));
  t.same(follower.heard(), ['commit 0x500000002', 'revalidate -']);
});

await t.test('nobody is asked for before there is a quorum', async (t) => {
  const bench = new Bench({ verifier: new MajorityQuorums([1, 2, 3, 4, 5].map(id)) });
  const followers = bench.accepting(2, 3);
  followers[0]?.send(
    packet('ack', z(0)),
    requestPacket({ sessionId: 7n as SessionId, cxid: 3, type: OpCode.create, body: Uint8Array.of(1) }),
  );
  t.same(bench.requests, []);
});

await t.test(
  'a learner that asks for more than can be answered is sent away, the rest goes on',
  async (t) => {
    const bench = new Bench();
    const follower = bench.established();
    const flood = bench.join(3);
    const request = requestPacket({
      sessionId: 7n as SessionId,
      cxid: 3,
      type: OpCode.create,
      body: new Uint8Array(900_000),
    });
    let count = 0;
    bench.onRequest = () => {
      bench.replica.append(z(++count), entryOf(z(count)));
      bench.leader.propose(z(count), entryOf(z(count)));
    };
    for (let i = 0; flood.socket.state === 'open' && i < 1000; i++) flood.send(request);
    t.ok(count > 100 && count < 400, `after ${count} of a megabyte`);
    t.equal(follower.socket.state, 'open');
    bench.flush();
    const again = bench
      .connect()
      .info(3)
      .send(ackEpochPacket(OLD.at(-1) as Zxid, 4))
      .send(packet('ack', z(0)));
    count = bench.replica.lastLogged - z(0);
    for (let i = 0; i < 500; i++) {
      again.send(request);
      bench.flush();
      follower.send(packet('ack', z(count)));
    }
    t.equal(again.socket.state, 'open', 'what is committed is done with');
  },
);

await t.test(
  'a learner that takes nothing is sent away, and keeps nobody waiting (B44, ZOOKEEPER-2201, 3531, 4858)',
  async (t) => {
    const bench = new Bench();
    const follower = bench.established();
    const slow = bench.join(3);
    slow.received();
    slow.socket.isStalled = true;
    const large = new Uint8Array(1 << 20);
    for (let i = 1; i <= 300 && slow.socket.state === 'open'; i++) {
      bench.replica.append(z(i), entryOf(z(i)));
      bench.leader.propose(z(i), large);
      bench.endTurn();
      bench.flush();
      follower.socket.take();
      follower.send(packet('ack', z(i)));
    }
    t.equal(slow.socket.state, 'destroyed');
    t.ok(slow.socket.queuedBytes < 260 << 20);
    t.ok(bench.events.length > 250, 'commits went on');
  },
);

await t.test(
  'a snapshot is sent as the network takes it, and what is broadcast meanwhile comes behind it (B09, ZOOKEEPER-3104)',
  async (t) => {
    const bench = new Bench({ windowCountMin: 1 });
    bench.replica.nodeBytes = 100_000;
    bench.replica.nodeCount = 40;
    const follower = bench.established();
    const fresh = bench.connect().info(3);
    fresh.socket.isStalled = true;
    fresh.send(ackEpochPacket(0, 4));
    t.ok(fresh.socket.queuedBytes < 1 << 20, 'not all at once');
    const zxid = bench.propose();
    bench.flush();
    follower.send(packet('ack', zxid));
    const heard = fresh.heard();
    for (let turns = 0; turns < 100 && !heard.includes('newLeader 0x500000000'); turns++) {
      fresh.handler.onDrain();
      bench.endTurn();
      heard.push(...fresh.heard());
    }
    t.same(heard, [
      'leaderInfo 0x500000000',
      'snap 0x400000003',
      'newLeader 0x500000000',
      'proposal 0x500000001',
      'commit 0x500000001',
    ]);
    t.equal(fresh.reader.snapshotPaths.length, 41);
  },
);

await t.test(
  'a snapshot goes on where the network takes everything at once and has nothing to say about it',
  async (t) => {
    const bench = new Bench({ windowCountMin: 1 });
    bench.replica.nodeBytes = 100_000;
    bench.replica.nodeCount = 40;
    bench.established();
    const socket = new FakeSocket('10.0.0.3');
    const reader = new PacketReader();
    const handler = bench.leader.onConnection(socket);
    handler.onBytes(infoPacket(3, { accepted: 4 }));
    // As in the shell: a turn ends because somebody has begun it.
    bench.isTurnBegun = false;
    handler.onBytes(ackEpochPacket(0, 4));
    let turns = 0;
    while (bench.takeTurn() && turns < 100) turns++;
    t.ok(names(reader.read(socket.take())).includes('newLeader 0x500000000'), `after ${turns} turns`);
  },
);

await t.test('one snapshot at a time, and who goes away in between holds up nobody', async (t) => {
  const bench = new Bench({ windowCountMin: 1, verifier: new MajorityQuorums([1, 2, 3, 4, 5].map(id)) });
  bench.replica.nodeBytes = 100_000;
  bench.replica.nodeCount = 40;
  bench.accepting(2, 3);
  const first = bench.connect().info(4);
  first.socket.isStalled = true;
  first.send(ackEpochPacket(0, 4));
  const waiting = bench.connect().info(5).send(ackEpochPacket(0, 4));
  const anew = bench.connect().info(5).send(ackEpochPacket(0, 4));
  t.same(waiting.heard(), ['leaderInfo 0x500000000']);
  t.equal(waiting.socket.state, 'destroyed', 'it came anew');
  t.same(anew.heard(), ['leaderInfo 0x500000000']);
  first.drop();
  t.equal(bench.replica.viewsCancelled, 1);
  for (let i = 0; i < 10; i++) bench.endTurn();
  t.same(anew.heard().slice(0, 2), ['snap 0x400000003', 'newLeader 0x500000000']);
});

await t.test(
  'a server that connects a second time is counted once, and its first connection is dead',
  async (t) => {
    const bench = new Bench({ verifier: new MajorityQuorums([1, 2, 3, 4, 5].map(id)) });
    const first = bench.connect().info(2);
    const second = bench.connect().info(2);
    t.equal(first.socket.state, 'destroyed');
    t.same(bench.replica.steps, [], 'two of five');
    bench.connect().info(3);
    second.send(ackEpochPacket(OLD.at(-1) as Zxid, 4));
    first.handler.onBytes(ackEpochPacket(OLD.at(-1) as Zxid, 4));
    first.handler.onClosed();
    t.same(bench.replica.steps, ['acceptedEpoch 5']);
  },
);

await t.test(
  'who may not follow here is closed with one line that names it, and the rest goes on',
  async (t) => {
    const bench = new Bench({ observers: [7], version: 3 });
    const follower = bench.established();
    const strangers: readonly (readonly [string, Uint8Array, RegExp])[] = [
      ['our own id', infoPacket(1), /says it is server 1, which is this one/],
      ['nobody’s id', infoPacket(9), /server 9, which is in no configuration here/],
      ['nobody’s id, as an observer', infoPacket(9, { isObserver: true }), /in no configuration here/],
      ['a voter’s id as an observer', infoPacket(3, { isObserver: true }), /server 3 and an observer/],
      ['an observer’s id as a voter', infoPacket(7), /server 7 and a voter/],
      ['a later configuration', infoPacket(3, { configVersion: 4 }), /configuration 4, this leader only 3/],
      ['an old protocol', infoPacket(3, { protocolVersion: null }), /protocol unknown/],
      ['a packet out of turn', packet('ack', z(1)), /from who has not said who it is/],
      ['garbage', new Uint8Array(64).fill(0x81), /./],
      [
        'a first packet that would be long',
        joined(infoPacket(3).slice(0, 12), Uint8Array.of(0, 0, 8, 0), new Uint8Array(4)),
        /packet of \d+ bytes/,
      ],
    ];
    for (const [what, bytes, why] of strangers) {
      bench.log.length = 0;
      const stranger = bench.connect().send(bytes);
      t.equal(stranger.socket.state, 'destroyed', what);
      t.equal(bench.log.length, 1, `${what}: ${bench.log.join(' | ')}`);
      t.match(bench.log[0], /^warn 10\.0\.0\.9 /, what);
      t.match(bench.log[0], why, what);
    }
    t.equal(follower.socket.state, 'open');
    const zxid = bench.propose();
    bench.flush();
    follower.send(packet('ack', zxid));
    t.same(bench.events, ['committed 0x500000001']);
  },
);

await t.test(
  'connections that say nothing make room for those that come, and are closed in time',
  async (t) => {
    const bench = new Bench();
    bench.established();
    const silent = Array.from({ length: 64 }, () => bench.connect());
    const follower = bench.join(3);
    t.equal(follower.socket.state, 'open');
    t.equal(silent[0]?.socket.state, 'destroyed');
    t.equal(silent.filter(({ socket }) => socket.state === 'open').length, 63);
    bench.pass(INIT_MS + 200, () => follower.send(packet('ping', z(0), new Uint8Array(0))));
    t.ok(silent.every(({ socket }) => socket.state === 'destroyed'));
  },
);

await t.test('the last zxid of an epoch is never given out (B30, ZOOKEEPER-1277, 2789, 4883)', async (t) => {
  const bench = new Bench({ counterMax: 4 });
  const follower = bench.established();
  bench.propose();
  bench.propose();
  t.same(bench.events, []);
  t.equal(bench.propose(), z(3));
  t.same(bench.events, ['ended: its epoch has no zxid left']);
  bench.flush();
  follower.send(packet('ack', z(3)));
  t.same(bench.events.slice(1), [], 'and nothing is committed any more');
});

await t.test('an error of its disk is fatal', async (t) => {
  const bench = new Bench();
  bench.replica.failure = new StorageError('io', '/x', 'it is broken');
  bench.connect().info(2);
  t.same(bench.events, ['fatal: it is broken']);
});

await t.test('stopped, it closes every connection and says nothing more', async (t) => {
  const bench = new Bench();
  const follower = bench.established();
  const stranger = bench.connect();
  bench.propose();
  bench.leader.stop(() => bench.events.push('stopped'));
  t.equal(follower.socket.state, 'destroyed');
  t.equal(stranger.socket.state, 'destroyed');
  follower.handler.onBytes(packet('ack', z(1)));
  follower.handler.onClosed();
  bench.flush();
  bench.time.runUntil(100_000);
  t.same(bench.events, ['stopped']);
});
