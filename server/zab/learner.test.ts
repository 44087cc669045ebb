import t from 'tap';
import { SILENT_LOG } from '../base/log.ts';
import type { Accept, Dialer } from '../base/ports.ts';
import type { ServerId } from '../base/server-id.ts';
import type { SessionId } from '../base/session-id.ts';
import { makeZxid, type Zxid } from '../base/zxid.ts';
import { FakeSocket } from '../pipeline/testing/fake-socket.ts';
import { StorageError } from '../storage/storage-error.ts';
import { JuteReader } from '../wire/jute-reader.ts';
import { JuteWriter } from '../wire/jute-writer.ts';
import { readAckEpoch } from '../wire/quorum/ack-epoch.ts';
import { readForwardedRequest } from '../wire/quorum/forwarded-request.ts';
import { readLearnerInfo } from '../wire/quorum/learner-info.ts';
import { writeRevalidateReply } from '../wire/quorum/revalidate.ts';
import { readSessionTouches } from '../wire/quorum/session-touch.ts';
import { Learner } from './learner.ts';
import type { SnapshotView } from './replica.ts';
import { entryOf, FakeReplica, NO_DISK } from './testing/fake-replica.ts';
import {
  joined,
  leaderInfoPacket,
  names,
  newLeaderPacket,
  packet,
  PacketReader,
  snapPacket,
  type Packet,
} from './testing/packets.ts';
import { VirtualTime } from './testing/virtual-time.ts';

const EPOCH = 5;
const CONNECT_MS = 1000;
const INIT_MS = 20_000;
const SYNC_MS = 10_000;

function z(counter: number, epoch = EPOCH): Zxid {
  return makeZxid(epoch, counter);
}

const OLD = [z(1, 1), z(2, 1), z(3, 1), z(4, 1)];

/** A learner whose leader is a script: bytes in, packets out, its disk and its time at the test's command. */
class Bench {
  readonly time = new VirtualTime();
  readonly replica: FakeReplica;
  readonly socket = new FakeSocket('leader');
  readonly learner: Learner;
  readonly events: string[] = [];
  readonly #reader = new PacketReader();
  #onOpen: Accept | null = null;
  #onFailed: ((why: string) => void) | null = null;
  dials = 0;
  touched: (readonly [SessionId, number])[] = [];

  constructor(
    options: {
      readonly history?: readonly number[];
      readonly isVoter?: boolean;
      readonly accepted?: number;
    } = {},
  ) {
    this.replica = new FakeReplica(options.history ?? OLD, { accepted: options.accepted ?? 1, current: 1 });
    const dialer: Dialer = {
      dial: (_to, { onOpen, onFailed }) => {
        this.dials++;
        this.#onOpen = onOpen;
        this.#onFailed = onFailed;
        return () => {
          this.#onOpen = null;
          this.#onFailed = null;
        };
      },
    };
    this.learner = new Learner({
      self: 2 as ServerId,
      isVoter: options.isVoter ?? true,
      isBlank: false,
      configVersion: 0,
      leaderId: 3 as ServerId,
      leader: { host: 'leader', port: 2888 },
      replica: this.replica,
      disk: NO_DISK,
      clock: this.time,
      timers: this.time,
      dialer,
      log: SILENT_LOG,
      observer: null,
      packetBytesMax: 1 << 20,
      connectLimitMs: CONNECT_MS,
      initLimitMs: INIT_MS,
      syncLimitMs: SYNC_MS,
      events: {
        onServing: (epoch) => this.events.push(`serves in ${epoch}`),
        onSync: () => this.events.push('sync'),
        onRevalidated: (session, isValid) => this.events.push(`session ${session} ${isValid}`),
        takeTouched: () => this.touched.splice(0),
        onEnded: (why, isLeaderDown) =>
          this.events.push(`ended${isLeaderDown ? ', leader down' : ''}: ${why}`),
        onFatal: (error) => this.events.push(`fatal: ${error.message}`),
        beginTurn: () => undefined,
      },
    });
  }

  open(): void {
    const accept = this.#onOpen;
    if (accept === null) throw new Error('nobody dials');
    accept(this.socket);
  }

  refuse(): void {
    this.#onFailed?.('connection refused');
  }

  /** Comes from the leader; then the turn ends. */
  send(...parts: readonly Uint8Array[]): void {
    const bytes = joined(...parts);
    this.learner.onBytes(bytes);
    // The chunk's memory was good during the call only.
    bytes.fill(0xdb);
    this.learner.flush();
  }

  /** The log comes back from the disk. */
  flush(): void {
    this.replica.flush();
    this.learner.onDurable();
    this.learner.flush();
  }

  received(): Packet[] {
    this.learner.flush();
    return this.#reader.read(this.socket.take());
  }

  said(): string[] {
    return names(this.received());
  }

  /** As far as the header of the synchronisation. */
  discover(): void {
    this.open();
    this.send(leaderInfoPacket(EPOCH));
    this.received();
  }

  /** With nothing to be synchronised. */
  serve(): void {
    this.discover();
    this.send(packet('diff', this.replica.lastLogged), newLeaderPacket(EPOCH), packet('upToDate', -1));
    this.received();
    this.replica.steps.length = 0;
    this.events.length = 0;
  }
}

/** A state that a leader sends whole. */
function stateAt(zxid: Zxid, nodeCount = 1): SnapshotView {
  const replica = new FakeReplica([]);
  replica.lastApplied = zxid;
  replica.nodeCount = nodeCount;
  return replica.beginSnapshot();
}

function proposal(zxid: number): Uint8Array {
  return packet('proposal', zxid, entryOf(zxid));
}

function committed(...zxids: readonly number[]): Uint8Array {
  return joined(...zxids.flatMap((zxid) => [proposal(zxid), packet('commit', zxid)]));
}

await t.test('it says who it is, and promises on its disk before it does in words', async (t) => {
  const bench = new Bench();
  bench.replica.holdsJobs = true;
  bench.open();
  const [info] = bench.received();
  t.equal(info?.type, 'followerInfo');
  t.equal(info?.zxid, makeZxid(1, 0));
  t.same(readLearnerInfo(new JuteReader(info?.data as Uint8Array)), {
    serverId: 2,
    protocolVersion: 0x10000,
    configVersion: 0,
  });
  bench.send(leaderInfoPacket(EPOCH));
  t.same(bench.said(), [], 'nothing before it is durable');
  bench.replica.finishJob();
  const [ack] = bench.received();
  t.same(bench.replica.steps, ['acceptedEpoch 5']);
  t.equal(ack?.type, 'ackEpoch');
  t.equal(ack?.zxid, z(4, 1));
  t.equal(readAckEpoch(new JuteReader(ack?.data as Uint8Array)).currentEpoch, 1);
});

await t.test('an observer says that it is one', async (t) => {
  const bench = new Bench({ isVoter: false });
  bench.open();
  t.same(bench.said(), [`observerInfo 0x100000000`]);
});

await t.test('who had accepted the epoch says so and does not count', async (t) => {
  const bench = new Bench({ accepted: EPOCH });
  bench.open();
  bench.received();
  bench.send(leaderInfoPacket(EPOCH));
  const [ack] = bench.received();
  t.equal(readAckEpoch(new JuteReader(ack?.data as Uint8Array)).currentEpoch, null);
  t.same(bench.replica.steps, [], 'nothing is written');
});

await t.test('an epoch below the one it promised is refused', async (t) => {
  const bench = new Bench({ accepted: EPOCH + 1 });
  bench.open();
  bench.received();
  bench.send(leaderInfoPacket(EPOCH));
  t.match(bench.events, [/^ended: its epoch 5 is below 6/]);
  t.equal(bench.socket.state, 'destroyed');
  t.same(bench.said(), []);
});

await t.test('the history, its flush, the epoch, and only then the ack', async (t) => {
  const bench = new Bench();
  bench.discover();
  bench.replica.holdsJobs = true;
  bench.send(packet('diff', z(6, 1)), committed(z(5, 1), z(6, 1)), proposal(z(1)), newLeaderPacket(EPOCH));
  t.same(bench.said(), []);
  t.equal(bench.replica.heldJobs, 0, 'the epoch is not written before its history is durable');
  bench.flush();
  t.same(bench.said(), [], 'nor acknowledged before it is written');
  bench.replica.finishJob();
  t.same(bench.said(), ['ack 0x500000000']);
  t.same(bench.replica.steps, [
    'acceptedEpoch 5',
    'append 0x100000005',
    'append 0x100000006',
    'append 0x500000001',
    'flush 0x500000001',
    'apply 0x100000006',
    'currentEpoch 5',
  ]);
  t.equal(bench.replica.lastApplied, z(6, 1), 'what is not committed is not applied');
});

await t.test(
  'after NEWLEADER the broadcast is logged, and acknowledged after UPTODATE, when it is durable (B41, B43, ZOOKEEPER-4394, 3023)',
  async (t) => {
    const bench = new Bench();
    bench.discover();
    bench.send(packet('diff', z(4, 1)), newLeaderPacket(EPOCH));
    t.same(bench.said(), ['ack 0x500000000']);
    bench.send(proposal(z(1)), proposal(z(2)), packet('ping', z(2)), packet('commit', z(1)));
    bench.flush();
    t.same(bench.said(), [], 'nothing but the ack of NEWLEADER may come before UPTODATE');
    bench.send(proposal(z(3)), packet('upToDate', -1));
    t.same(bench.events, [], 'it does not serve before it has what the leader had');
    bench.flush();
    t.same(bench.said(), ['ack 0x500000000', 'ack 0x500000001', 'ack 0x500000002', 'ack 0x500000003']);
    t.same(bench.events, ['serves in 5']);
    t.equal(bench.replica.lastApplied, z(1));
  },
);

await t.test('TRUNC goes back first', async (t) => {
  const bench = new Bench();
  bench.discover();
  bench.replica.holdsJobs = true;
  bench.send(packet('trunc', z(2, 1)), committed(z(1, 4)), newLeaderPacket(EPOCH));
  t.ok(bench.socket.isPaused, 'nothing is read meanwhile');
  bench.replica.finishJob();
  bench.flush();
  bench.replica.finishJob();
  t.notOk(bench.socket.isPaused);
  t.same(bench.said(), ['ack 0x500000000']);
  t.same(bench.replica.steps.slice(1), [
    'truncate 0x100000002',
    'append 0x400000001',
    'flush 0x400000001',
    'apply 0x400000001',
    'currentEpoch 5',
  ]);
});

await t.test('who cannot go back to exactly that txn says so and comes again', async (t) => {
  const bench = new Bench();
  bench.discover();
  bench.send(packet('trunc', z(7, 0)));
  t.match(bench.events, [/^ended: there is no 0x7/]);
});

await t.test('SNAP in whatever pieces: installed first, then what came behind it', async (t) => {
  for (const pieceBytes of [1, 7, 100, 100_000]) {
    const bench = new Bench();
    bench.discover();
    bench.replica.holdsJobs = true;
    const bytes = joined(snapPacket(stateAt(z(9, 4), 20)), committed(z(10, 4)), newLeaderPacket(EPOCH));
    for (let at = 0; at < bytes.length; at += pieceBytes) bench.send(bytes.slice(at, at + pieceBytes));
    t.same(bench.replica.steps, ['acceptedEpoch 5', 'receive 0x400000009']);
    bench.replica.finishJob();
    bench.flush();
    bench.replica.finishJob();
    t.same(bench.said(), ['ack 0x500000000'], `pieces of ${pieceBytes}`);
    t.same(bench.replica.steps.slice(2), [
      'install 0x400000009',
      'append 0x40000000a',
      'flush 0x40000000a',
      'apply 0x40000000a',
      'currentEpoch 5',
    ]);
  }
});

await t.test('what an Apache leader repeats behind its snapshot is in it already', async (t) => {
  const bench = new Bench();
  bench.discover();
  bench.send(snapPacket(stateAt(z(2, 4))), committed(z(1, 4), z(2, 4), z(3, 4)), newLeaderPacket(EPOCH));
  bench.flush();
  t.same(bench.said(), ['ack 0x500000000']);
  t.same(bench.replica.history, [z(2, 4), z(3, 4)]);
});

await t.test('a snapshot that breaks off leaves everything as it was (B10, ZOOKEEPER-3642)', async (t) => {
  const bench = new Bench();
  bench.discover();
  const bytes = snapPacket(stateAt(z(9, 4)));
  bench.send(bytes.slice(0, bytes.length - 1));
  bench.learner.onClosed();
  t.match(bench.events, [/^ended: the leader closed/]);
  let isStopped = false;
  bench.learner.stop(() => {
    isStopped = true;
  });
  t.ok(isStopped);
  t.same(bench.replica.steps, ['acceptedEpoch 5', 'receive 0x400000009']);
  t.equal(bench.replica.lastLogged, z(4, 1));
});

await t.test(
  'stopped while it installs, truncates or promises it carries that to its end and says nothing',
  async (t) => {
    const jobs: readonly (readonly [string, (bench: Bench) => void])[] = [
      ['install 0x400000009', (bench) => bench.send(snapPacket(stateAt(z(9, 4))))],
      ['truncate 0x100000002', (bench) => bench.send(packet('trunc', z(2, 1)))],
      ['currentEpoch 5', (bench) => bench.send(packet('diff', z(4, 1)), newLeaderPacket(EPOCH))],
    ];
    for (const [step, begin] of jobs) {
      const bench = new Bench();
      bench.discover();
      bench.replica.holdsJobs = true;
      begin(bench);
      let isStopped = false;
      bench.learner.onClosed();
      bench.learner.stop(() => {
        isStopped = true;
      });
      t.notOk(isStopped, step);
      bench.replica.finishJob();
      t.ok(isStopped, step);
      t.equal(bench.replica.steps.at(-1), step);
      t.equal(bench.events.length, 1, 'it ended once');
      t.equal(bench.replica.heldJobs, 0, 'and nothing follows');
    }
  },
);

await t.test('an error of its disk is fatal (B19, ZOOKEEPER-3701)', async (t) => {
  const bench = new Bench();
  bench.open();
  bench.replica.failure = new StorageError('io', '/x', 'it is broken');
  bench.send(leaderInfoPacket(EPOCH));
  t.same(bench.events, ['fatal: it is broken']);
});

await t.test('each phase takes its own packets and no others', async (t) => {
  const header = packet('diff', z(4, 1));
  const cases: readonly (readonly [string, readonly Uint8Array[], RegExp])[] = [
    ['no LEADERINFO', [packet('diff', z(4, 1))], /LEADERINFO expected/],
    ['no header', [leaderInfoPacket(EPOCH), proposal(z(5, 1))], /DIFF, TRUNC or SNAP expected/],
    ['a gap', [leaderInfoPacket(EPOCH), header, proposal(z(6, 1))], /does not follow/],
    ['one twice', [leaderInfoPacket(EPOCH), header, proposal(z(5, 1)), proposal(z(5, 1))], /does not follow/],
    ['an epoch that begins with 2', [leaderInfoPacket(EPOCH), header, proposal(z(2, 3))], /does not follow/],
    [
      'COMMIT of nothing',
      [leaderInfoPacket(EPOCH), header, packet('commit', z(5, 1))],
      /COMMIT of 0x100000005/,
    ],
    [
      'COMMIT that passes one over',
      [leaderInfoPacket(EPOCH), header, proposal(z(5, 1)), proposal(z(6, 1)), packet('commit', z(6, 1))],
      /COMMIT of 0x100000006/,
    ],
    [
      'COMMIT of another epoch that passes one over',
      [leaderInfoPacket(EPOCH), header, proposal(z(5, 1)), proposal(z(1, 2)), packet('commit', z(1, 2))],
      /COMMIT of 0x200000001/,
    ],
    [
      'NEWLEADER of another epoch',
      [leaderInfoPacket(EPOCH), header, newLeaderPacket(EPOCH - 1)],
      /NEWLEADER of/,
    ],
    ['garbage', [new Uint8Array(200).fill(0xee)], /./],
  ];
  for (const [what, parts, why] of cases) {
    const bench = new Bench();
    bench.open();
    bench.send(...parts);
    bench.flush();
    t.equal(bench.events.length, 1, what);
    t.match(bench.events[0], why, what);
    t.equal(bench.socket.state, 'destroyed');
    bench.send(...parts);
    t.equal(bench.events.length, 1, 'and nothing more is listened to');
  }
});

await t.test(
  'who needs a snapshot claims what no leader can make a DIFF or a TRUNC of, and takes nothing else',
  async (t) => {
    const bench = new Bench();
    bench.replica.needsSnapshot = true;
    bench.open();
    bench.received();
    bench.send(leaderInfoPacket(EPOCH));
    const [ack] = bench.received();
    t.equal(
      ack?.zxid,
      makeZxid(EPOCH + 1, 0),
      'an Apache leader without a txn takes its own epoch’s for its end',
    );
    t.equal(readAckEpoch(new JuteReader(ack?.data as Uint8Array)).currentEpoch, null);
    bench.send(packet('diff', z(0)));
    t.match(bench.events, [/^ended: a snapshot is needed/]);
  },
);

await t.test('in the broadcast: ack when durable, apply when committed and durable', async (t) => {
  const bench = new Bench();
  bench.serve();
  bench.send(proposal(z(1)), proposal(z(2)), packet('commit', z(1)));
  t.same(bench.said(), []);
  t.equal(bench.replica.lastApplied, z(4, 1), 'memory is never ahead of the disk, whatever others have');
  bench.flush();
  t.same(bench.said(), ['ack 0x500000001', 'ack 0x500000002']);
  t.equal(bench.replica.lastApplied, z(1));
  bench.send(packet('commit', z(2)));
  t.equal(bench.replica.lastApplied, z(2));
  bench.send(packet('inform', z(3), entryOf(z(3))));
  t.equal(bench.replica.lastLogged, z(2), 'an INFORM is not for a follower');
  bench.send(packet('commit', z(3)));
  t.match(bench.events, [/^ended: COMMIT of 0x500000003/]);
});

await t.test('an active observer takes INFORMs, and acknowledges nothing', async (t) => {
  const bench = new Bench({ isVoter: false });
  bench.serve();
  bench.send(proposal(z(1)), packet('commit', z(1)), packet('inform', z(1), entryOf(z(1))));
  bench.flush();
  t.same(bench.replica.steps, ['append 0x500000001', 'flush 0x500000001', 'apply 0x500000001']);
  t.same(bench.said(), []);
});

await t.test('a sync is passed on when all that came before it is applied', async (t) => {
  const bench = new Bench();
  bench.serve();
  bench.send(packet('sync', 0));
  t.same(bench.events, ['sync'], 'at once if there is nothing');
  bench.send(proposal(z(1)), packet('commit', z(1)), packet('sync', 0), packet('sync', 0));
  t.equal(bench.events.length, 1);
  bench.flush();
  t.same(bench.events, ['sync', 'sync', 'sync']);
});

await t.test('a ping is answered with the sessions that were heard from', async (t) => {
  const bench = new Bench();
  bench.serve();
  bench.touched = [
    [7n as SessionId, 4000],
    [8n as SessionId, 5000],
  ];
  bench.send(packet('ping', z(0)));
  const [pong] = bench.received();
  const touches: string[] = [];
  readSessionTouches(new JuteReader(pong?.data as Uint8Array), (id, ms) => touches.push(`${id} ${ms}`));
  t.same(touches, ['7 4000', '8 5000']);
  t.equal(pong?.zxid, z(0));
});

await t.test(
  'requests go to the leader, answers about sessions come back, and what is unknown is passed over',
  async (t) => {
    const bench = new Bench();
    bench.serve();
    bench.learner.forward({ sessionId: 7n as SessionId, cxid: 3, type: 1, body: Uint8Array.of(9) }, [
      { scheme: 'ip', id: '::1' },
    ]);
    bench.learner.revalidate(7n as SessionId, 6000);
    const [request, revalidate] = bench.received();
    t.same(readForwardedRequest(new JuteReader(request?.data as Uint8Array)).cxid, 3);
    t.equal(revalidate?.type, 'revalidate');
    const writer = new JuteWriter();
    writeRevalidateReply(writer, { sessionId: 7n as SessionId, isValid: true });
    bench.send(
      packet('revalidate', -1, writer.bytes()),
      packet('informAndActivate', z(1)),
      packet('upToDate', -1),
    );
    t.same(bench.events, ['session 7 true']);
  },
);

await t.test('dials again and again until its time is over, with pauses that grow', async (t) => {
  const bench = new Bench();
  for (;;) {
    const { dials } = bench;
    bench.refuse();
    if (bench.events.length > 0) break;
    bench.time.runUntil(bench.time.nowMs + 100);
    if (bench.dials === dials) break;
  }
  t.match(bench.events, [/^ended, leader down: the leader cannot be reached/]);
  t.ok(bench.time.nowMs >= CONNECT_MS && bench.dials > 5 && bench.dials < 30, `${bench.dials} dials`);
});

await t.test(
  'a silent leader is given up: after initLimit until NEWLEADER, after syncLimit from then on',
  async (t) => {
    const phases: readonly (readonly [number, (bench: Bench) => void])[] = [
      [INIT_MS, (bench) => bench.open()],
      [INIT_MS, (bench) => bench.discover()],
      [
        SYNC_MS,
        (bench) => {
          bench.discover();
          bench.send(packet('diff', z(4, 1)), newLeaderPacket(EPOCH));
        },
      ],
      [SYNC_MS, (bench) => bench.serve()],
    ];
    for (const [limitMs, begin] of phases) {
      const bench = new Bench();
      begin(bench);
      bench.time.runUntil(limitMs - 1);
      t.same(bench.events, []);
      bench.time.runUntil(limitMs + 30);
      t.match(bench.events, [/^ended, leader down: nothing was heard/]);
    }
  },
);

await t.test('a log that cannot keep up is not buried, and goes on where it stood', async (t) => {
  const bench = new Bench();
  bench.serve();
  bench.replica.unflushedBytes = 65 << 20;
  bench.send(proposal(z(1)));
  t.ok(bench.socket.isPaused);
  t.equal(bench.replica.lastLogged, z(4, 1));
  bench.time.runUntil(SYNC_MS - 1);
  bench.replica.unflushedBytes = 0;
  bench.flush();
  t.notOk(bench.socket.isPaused);
  t.equal(bench.replica.lastLogged, z(1));
  bench.time.runUntil(SYNC_MS + 500);
  t.same(bench.events, [], 'the leader was not silent');
});

await t.test('a disk that hangs ends the role, and the leader is not blamed for it', async (t) => {
  const bench = new Bench();
  bench.serve();
  bench.replica.unflushedBytes = 65 << 20;
  bench.send(packet('ping', z(0)));
  bench.time.runUntil(SYNC_MS + 100);
  t.match(bench.events, [/^ended: the disk takes too long/]);
});

await t.test('nothing of it happens after it was stopped', async (t) => {
  const bench = new Bench();
  bench.serve();
  bench.send(proposal(z(1)));
  bench.learner.stop(() => bench.events.push('stopped'));
  bench.replica.flush();
  bench.learner.onDurable();
  bench.learner.onBytes(packet('commit', z(1)));
  bench.learner.onClosed();
  bench.learner.forward({ sessionId: 7n as SessionId, cxid: 3, type: 1, body: Uint8Array.of(9) }, null);
  bench.learner.flush();
  bench.time.runUntil(100_000);
  t.same(bench.events, ['stopped']);
  t.equal(bench.replica.lastApplied, z(4, 1));
});

await t.test('whatever the segmentation, the same comes of it', async (t) => {
  const bytes = joined(
    leaderInfoPacket(EPOCH),
    packet('diff', z(6, 1)),
    committed(z(5, 1), z(6, 1)),
    proposal(z(1)),
    newLeaderPacket(EPOCH),
    proposal(z(2)),
    packet('commit', z(1)),
    packet('upToDate', -1),
    proposal(z(3)),
    packet('commit', z(2)),
    packet('ping', z(3)),
  );
  const outcomes = [1, 3, 11, 64, 5000].map((pieceBytes) => {
    const bench = new Bench();
    bench.open();
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      bench.send(bytes.slice(at, at + pieceBytes));
      bench.flush();
    }
    for (let flushes = 0; flushes < 3; flushes++) bench.flush();
    const acks = bench.said().filter((each) => each !== 'ack 0x500000000');
    return JSON.stringify([acks.sort(), bench.events, bench.replica.history, bench.replica.lastApplied]);
  });
  t.equal(new Set(outcomes).size, 1, outcomes.join('\n'));
  t.match(outcomes[0], /serves in 5/);
});
