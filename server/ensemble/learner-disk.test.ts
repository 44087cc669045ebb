import t from 'tap';
import { createEntry, emptyDisk, ReplicaNode } from '../../harness/sim/testing/replica-node.ts';
import { SILENT_LOG } from '../base/log.ts';
import type { Accept, StreamHandler } from '../base/ports.ts';
import { Prng } from '../base/prng.ts';
import type { ServerId } from '../base/server-id.ts';
import { type Epoch, makeZxid, type Zxid } from '../base/zxid.ts';
import { runScript } from '../storage/disk-script.ts';
import { FakeSocket } from '../base/testing/fake-socket.ts';
import { Configurations } from '../zab/configurations.ts';
import { Learner } from '../zab/learner.ts';
import { createMembership } from '../zab/membership.ts';
import {
  joined,
  leaderInfoPacket,
  names,
  newLeaderPacket,
  packet,
  PacketReader,
} from '../zab/testing/packets.ts';
import { VirtualTime } from '../zab/testing/virtual-time.ts';

const EPOCH = 5;
const HISTORY = range(1, 1, 6);

function range(epoch: number, from: number, to: number): Zxid[] {
  return Array.from({ length: to - from + 1 }, (_, i) => makeZxid(epoch, from + i));
}

function committed(zxids: readonly Zxid[], mark = ''): Uint8Array {
  return joined(
    ...zxids.flatMap((zxid) => [packet('proposal', zxid, createEntry(zxid, mark)), packet('commit', zxid)]),
  );
}

function marked(zxids: readonly Zxid[], mark = ''): Marked[] {
  return zxids.map((zxid) => [zxid, mark]);
}

function proposals(zxids: readonly Zxid[]): Uint8Array {
  return joined(...zxids.map((zxid) => packet('proposal', zxid, createEntry(zxid))));
}

/** A learner on a real replica on a simulated disk; its leader has said everything it has to say at once. */
class Life {
  readonly node: ReplicaNode;
  readonly socket = new FakeSocket('leader');
  readonly #learner: Learner;
  readonly #network: StreamHandler;
  readonly #reader = new PacketReader();
  readonly said: string[] = [];
  ended: string | null = null;

  constructor(node: ReplicaNode, fromLeader: Uint8Array) {
    this.node = node;
    const time = new VirtualTime();
    const accepts: Accept[] = [];
    this.#learner = new Learner({
      self: 2 as ServerId,
      isObserver: false,
      isBlank: false,
      configurations: new Configurations({
        self: 2 as ServerId,
        committed: createMembership({ members: [] }),
        files: null,
      }),
      leaderId: 3 as ServerId,
      leader: { host: 'leader', port: 2888 },
      replica: node.replica,
      disk: node.disk,
      clock: time,
      timers: time,
      dialer: {
        dial: (_to, { onOpen }) => {
          accepts.push(onOpen);
          return () => undefined;
        },
      },
      log: SILENT_LOG,
      observer: null,
      packetBytesMax: 1 << 20,
      connectLimitMs: 1000,
      initLimitMs: 10_000,
      syncLimitMs: 5000,
      events: {
        onServing: () => undefined,
        onSync: () => undefined,
        onRevalidated: () => undefined,
        takeTouched: () => [],
        onEnded: (why) => {
          this.ended = why;
        },
        onFatal: (error) => {
          throw error;
        },
        beginTurn: () => undefined,
      },
    });
    node.onDurable = () => this.#learner.onDurable();
    const [accept] = accepts;
    if (accept === undefined) throw new Error('nobody dials');
    this.#network = accept(this.socket);
    this.#network.onBytes(fromLeader);
    this.endTurn();
  }

  endTurn(): void {
    this.node.replica.flushLog();
    this.#learner.flush();
    this.said.push(...names(this.#reader.read(this.socket.take())));
  }

  /** The connection breaks, and the server looks for a leader again. */
  breaks(): void {
    this.#network.onClosed();
    this.#learner.stop(() => this.node.replica.settle(() => undefined));
    while (this.node.disk.step());
  }

  send(bytes: Uint8Array): void {
    this.#network.onBytes(bytes);
    this.endTurn();
  }

  step(): boolean {
    const hasMore = this.node.disk.step();
    this.endTurn();
    return hasMore;
  }
}

function node(): ReplicaNode {
  const made = ReplicaNode.recovered(emptyDisk());
  made.perform(made.replica.acceptEpoch(1 as Epoch, false));
  made.perform(made.replica.enterEpoch(1 as Epoch));
  made.commit(HISTORY);
  return made;
}

interface Sync {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What must be there when NEWLEADER has been acknowledged. */
  readonly history: readonly Marked[];
  /** Names of the files whose steps count, in order, up to the first ack. */
  readonly order: readonly string[];
}

type Marked = readonly [zxid: Zxid, mark: string];
const MINE = marked(HISTORY);
const MORE = range(4, 1, 3);
const OUTSTANDING = range(EPOCH, 1, 2);

function syncs(): Sync[] {
  const leader = ReplicaNode.recovered(emptyDisk());
  leader.commit(range(1, 1, 9), 'x');
  const { zxid, bytes } = leader.snapshotBytes();
  const end = joined(proposals(OUTSTANDING), newLeaderPacket(EPOCH), packet('upToDate', -1));
  const outstanding = marked(OUTSTANDING);
  return [
    {
      name: 'DIFF',
      bytes: joined(leaderInfoPacket(EPOCH), packet('diff', MORE[2] as Zxid), committed(MORE), end),
      history: [...MINE, ...marked(MORE), ...outstanding],
      order: ['acceptedEpoch', 'log', 'currentEpoch'],
    },
    {
      name: 'TRUNC',
      bytes: joined(leaderInfoPacket(EPOCH), packet('trunc', HISTORY[2] as Zxid), committed(MORE), end),
      history: [...MINE.slice(0, 3), ...marked(MORE), ...outstanding],
      order: ['acceptedEpoch', 'log', 'snapshot', 'log', 'currentEpoch'],
    },
    {
      name: 'SNAP',
      bytes: joined(leaderInfoPacket(EPOCH), packet('snap', zxid), bytes, committed(MORE, 'x'), end),
      history: [...marked([...range(1, 1, 9), ...MORE], 'x'), ...outstanding],
      order: ['acceptedEpoch', 'snapshot', 'log', 'currentEpoch'],
    },
  ];
}

await t.test(
  'what is acknowledged survives a power cut in the very moment of the ack (B12, ZOOKEEPER-3911, 4262)',
  async (t) => {
    for (const { name, bytes, history } of syncs()) {
      for (let seed = 0; seed < 25; seed++) {
        const life = new Life(node(), bytes);
        while (!life.said.includes('ack 0x500000000') && life.step());
        t.equal(life.ended, null);
        t.ok(life.said.includes('ack 0x500000000'), name);
        const found = ReplicaNode.recovered(life.node.disk.crash(new Prng(seed)));
        const missing = history.filter(([zxid, mark]) => !found.has(zxid, mark));
        t.same(missing, [], `${name}, seed ${seed}`);
        t.equal(found.replica.currentEpoch, EPOCH, name);
        t.equal(found.replica.acceptedEpoch, EPOCH, name);
        t.equal(found.replica.lastLogged, OUTSTANDING[1], name);
      }
    }
  },
);

await t.test(
  'cut off anywhere else it starts again, and has the epoch only with all of its history (B15, ZOOKEEPER-4785)',
  async (t) => {
    const faults: string[] = [];
    let tried = 0;
    for (const { name, bytes, history } of syncs()) {
      for (let steps = 0, isOver = false; !isOver; steps++) {
        const life = new Life(node(), bytes);
        for (let i = 0; i < steps && !isOver; i++) isOver = !life.step();
        tried++;
        const hasPromised = life.said.some((each) => each.startsWith('ackEpoch'));
        const found = ReplicaNode.recovered(life.node.disk.crash(new Prng(steps)));
        const { replica } = found;
        const where = `${name}, step ${steps}`;
        if (hasPromised && replica.acceptedEpoch !== EPOCH) faults.push(`${where}: the promise is lost`);
        if (replica.currentEpoch < EPOCH) continue;
        const missing = history.filter(([zxid, mark]) => zxid < makeZxid(EPOCH, 0) && !found.has(zxid, mark));
        if (missing.length > 0) faults.push(`${where}: ${missing.join(' ')}`);
      }
    }
    t.same(faults, []);
    t.ok(tried > 50, `${tried} steps`);
  },
);

await t.test('the order of the durable steps (B14, ZOOKEEPER-4643)', async (t) => {
  for (const { name, bytes, order } of syncs()) {
    const made = node();
    made.disk.trace.length = 0;
    const life = new Life(made, bytes);
    while (!life.said.includes('ack 0x500000000') && life.step());
    const flushed = made.disk.trace
      .filter(({ type }) => type === 'flush' || type === 'sync' || type === 'writeDurably')
      .map(
        ({ path }) =>
          /acceptedEpoch|currentEpoch|snapshot|log/.exec(path.slice(path.lastIndexOf('/')))?.[0] ?? path,
      )
      .filter((file, i, all) => file !== all[i - 1]);
    t.same(
      flushed.filter((file, i) => i === 0 || file !== flushed[i - 1]),
      order,
      name,
    );
    const last = made.disk.trace.slice(-3).map(({ type }) => type);
    t.same(last, ['close', 'rename', 'syncDirectory'], `${name}: the ack follows the directory's flush`);
  }
});

await t.test('an ack of the broadcast is of what survives (B13, ZOOKEEPER-4646)', async (t) => {
  const [diff] = syncs();
  for (let seed = 0; seed < 25; seed++) {
    const life = new Life(node(), diff?.bytes as Uint8Array);
    while (life.step());
    t.ok(life.said.includes('ack 0x500000002'));
    const before = life.said.length;
    const next = range(EPOCH, 3, 6);
    for (const zxid of next) life.send(packet('proposal', zxid, createEntry(zxid)));
    t.equal(life.said.length, before, 'not before the flush');
    while (life.said.length === before && life.step());
    const acked = life.said.slice(before).length;
    t.ok(acked > 0);
    const { replica } = ReplicaNode.recovered(life.node.disk.crash(new Prng(seed)));
    t.ok(replica.lastLogged >= makeZxid(EPOCH, 2 + acked), `seed ${seed}`);
  }
});

await t.test(
  'who founds an ensemble says so on its disk before it promises, a blank one that came later does not',
  async (t) => {
    for (const isBlank of [false, true]) {
      const seen = new Set<string>();
      for (let steps = 0, isOver = false; !isOver; steps++) {
        const { disk, replica } = ReplicaNode.recovered(emptyDisk());
        runScript(disk, replica.acceptEpoch(EPOCH as Epoch, isBlank), () => undefined);
        for (let i = 0; i < steps && !isOver; i++) isOver = !disk.step();
        if (isOver) t.equal(replica.isFounder, !isBlank);
        const { replica: found } = ReplicaNode.recovered(disk.crash(new Prng(steps)));
        seen.add(`${found.acceptedEpoch} ${found.isFounder} ${found.isMember}`);
      }
      const states = isBlank ? ['0 false', '5 false'] : ['0 false', '0 true', '5 true'];
      t.same(
        [...seen].sort(),
        states.map((state) => `${state} false`),
        'all that a start may find',
      );
    }
  },
);

await t.test('what was announced and has not come is not there (B06, ZOOKEEPER-2355)', async (t) => {
  const made = node();
  const life = new Life(made, joined(leaderInfoPacket(EPOCH), packet('diff', MORE[2] as Zxid)));
  while (life.step());
  life.breaks();
  t.equal(made.replica.lastLogged, HISTORY.at(-1));
  const next = new Life(made, leaderInfoPacket(EPOCH + 1));
  while (next.step());
  t.ok(next.said.includes(`ackEpoch 0x${HISTORY.at(-1)?.toString(16)}`), next.said.join(', '));
});

await t.test(
  'a sync that breaks off behind TRUNC leaves on the disk what the next leader is told (B11, ZOOKEEPER-5094)',
  async (t) => {
    for (let came = 0; came <= MORE.length; came++) {
      for (let steps = 0, isOver = false; !isOver; steps++) {
        const made = node();
        const cutTo = HISTORY[2] as Zxid;
        const sync = joined(packet('trunc', cutTo), committed(MORE.slice(0, came)));
        const life = new Life(made, joined(leaderInfoPacket(EPOCH), sync));
        for (let i = 0; i < steps && !isOver; i++) isOver = !life.step();
        life.breaks();
        const { lastLogged } = made.replica;
        const next = new Life(made, leaderInfoPacket(EPOCH + 1));
        while (next.step());
        const where = `${came} came, ${steps} steps`;
        t.ok(next.said.includes(`ackEpoch 0x${lastLogged.toString(16)}`), where);
        const found = ReplicaNode.recovered(made.disk.crash(new Prng(steps)));
        t.equal(found.replica.lastLogged, lastLogged, where);
        t.equal(found.shown([...HISTORY, ...MORE]), made.shown([...HISTORY, ...MORE]), where);
      }
    }
  },
);
