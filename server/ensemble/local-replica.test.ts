import t from 'tap';
import { createEntry, emptyDisk, pathOf, ReplicaNode } from '../../harness/sim/testing/replica-node.ts';
import { DIRECTORY } from '../../harness/sim/places.ts';
import type { SimDisk } from '../../harness/sim/sim-disk.ts';
import { Prng } from '../base/prng.ts';
import { makeZxid, type Epoch, type Zxid } from '../base/zxid.ts';
import type { SessionId } from '../base/session-id.ts';
import { type DiskScript, runScript } from '../storage/disk-script.ts';
import { JuteWriter } from '../wire/jute-writer.ts';
import { OpCode } from '../wire/opcode.ts';
import { writeTxnHeader } from '../wire/txns/txn-header.ts';
import { writeTxn } from '../wire/txns/txn.ts';
import { RoleEnded } from '../zab/role-script.ts';
import { WireError } from '../wire/wire-error.ts';

function z(epoch: number, counter: number): Zxid {
  return makeZxid(epoch, counter);
}

function range(epoch: number, from: number, to: number): Zxid[] {
  return Array.from({ length: to - from + 1 }, (_, i) => z(epoch, from + i));
}

function throws(run: () => void): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return null;
}

/** The seed, the step, and the disk a power cut there could leave. */
function* crashes(
  make: () => { readonly disk: SimDisk; readonly begin: () => void },
  seeds = 3,
): Generator<{ readonly where: string; readonly disk: SimDisk }> {
  for (let steps = 0; ; steps++) {
    let isOver = false;
    for (let seed = 0; seed < seeds; seed++) {
      const { disk, begin } = make();
      begin();
      for (let i = 0; i < steps; i++) if (!disk.step()) isOver = true;
      yield { where: `step ${steps}, seed ${seed}`, disk: disk.crash(new Prng(1000 * steps + seed)) };
    }
    if (isOver) return;
  }
}

await t.test('between two roles everything logged is durable and applied', async (t) => {
  const node = ReplicaNode.recovered(emptyDisk());
  const { replica } = node;
  node.commit(range(1, 1, 2));
  for (const zxid of range(1, 3, 5)) replica.append(zxid, createEntry(zxid));
  t.equal(replica.lastLogged, z(1, 5));
  t.equal(replica.lastApplied, z(1, 2));
  let isSettled = false;
  replica.settle(() => {
    isSettled = true;
  });
  t.notOk(isSettled, 'it waits for the disk');
  node.disk.run();
  t.ok(isSettled);
  t.equal(replica.lastDurable, z(1, 5));
  t.equal(replica.lastApplied, z(1, 5));
  t.ok(node.has(z(1, 5)));
  let isSettledAgain = false;
  replica.settle(() => {
    isSettledAgain = true;
  });
  t.ok(isSettledAgain, 'at once where there is nothing to do');
  t.equal(ReplicaNode.recovered(node.disk.crash(new Prng(1))).replica.lastLogged, z(1, 5));
});

await t.test(
  'a batch that is being written when a role ends is waited for, and so is what came behind it (B17, ZOOKEEPER-4712, 4541, 4502, 4409)',
  async (t) => {
    const node = ReplicaNode.recovered(emptyDisk());
    const { replica } = node;
    replica.append(z(1, 1), createEntry(z(1, 1)));
    replica.flushLog();
    replica.append(z(1, 2), createEntry(z(1, 2)));
    let settledAt: Zxid | null = null;
    replica.settle(() => {
      settledAt = replica.lastApplied;
    });
    node.disk.run();
    t.equal(settledAt, z(1, 2));
  },
);

await t.test('what is no txn, is another one, leaves a gap or is too long is not logged', async (t) => {
  const node = ReplicaNode.recovered(emptyDisk(), { juteMaxBufferBytes: 500 });
  const { replica } = node;
  node.commit([z(1, 1)]);
  t.ok(throws(() => replica.append(z(1, 2), new Uint8Array(5))) instanceof WireError);
  t.ok(throws(() => replica.append(z(1, 2), createEntry(z(1, 3)))) instanceof WireError);
  t.ok(throws(() => replica.append(z(1, 3), createEntry(z(1, 3)))) instanceof RoleEnded);
  t.ok(throws(() => replica.append(z(1, 1), createEntry(z(1, 1)))) instanceof RoleEnded);
  const long = createEntry(z(1, 2), 'x'.repeat(1200));
  t.ok(throws(() => replica.append(z(1, 2), long)) instanceof RoleEnded);
  t.equal(replica.lastLogged, z(1, 1));
  node.commit([z(1, 2)]);
  t.equal(ReplicaNode.recovered(node.disk).replica.lastLogged, z(1, 2));
});

await t.test('memory never goes ahead of the disk (B18, ZOOKEEPER-4882)', async (t) => {
  const { replica } = ReplicaNode.recovered(emptyDisk());
  replica.append(z(1, 1), createEntry(z(1, 1)));
  t.throws(() => replica.applyThrough(z(1, 1)), { message: 'memory would be ahead of the disk' });
});

/** About to promise epoch 4. */
function promising() {
  const each = ReplicaNode.recovered(emptyDisk());
  each.perform(each.replica.acceptEpoch(3 as Epoch, false));
  const begin = (): void =>
    runScript(each.disk, each.replica.acceptEpoch(4 as Epoch, false), () => undefined);
  return { disk: each.disk, begin };
}

await t.test(
  'a promise is in memory when it is on the disk, and after a crash it is the old one or the new (B32, ZOOKEEPER-2307, 4269, 1387)',
  async (t) => {
    const node = ReplicaNode.recovered(emptyDisk());
    node.perform(node.replica.acceptEpoch(3 as Epoch, false));
    node.perform(node.replica.enterEpoch(3 as Epoch));
    runScript(node.disk, node.replica.acceptEpoch(4 as Epoch, false), () => undefined);
    while (node.disk.queued.length > 0) {
      t.equal(node.replica.acceptedEpoch, 3);
      node.disk.step();
    }
    t.equal(node.replica.acceptedEpoch, 4);
    t.equal(ReplicaNode.recovered(node.disk.crash(new Prng(1))).replica.acceptedEpoch, 4);
    const epochs = new Set<number>();
    for (const { disk } of crashes(promising)) epochs.add(ReplicaNode.recovered(disk).replica.acceptedEpoch);
    t.same(epochs, new Set([3, 4]));
  },
);

const OLD = [...range(1, 1, 8), ...range(2, 1, 4)];

/** A history over several log files, with snapshots at 0 and where `snapCount` wants them. */
function withHistory(config = {}): ReplicaNode {
  const node = ReplicaNode.recovered(emptyDisk(), config);
  for (const zxid of OLD) node.commit([zxid]);
  return node;
}

await t.test(
  'a truncation goes back to its zxid, here and after a crash, and the history goes on from there (B04, ZOOKEEPER-1489)',
  async (t) => {
    for (const snapCount of [3, 100_000]) {
      for (const [i, zxid] of OLD.entries()) {
        const node = withHistory({ snapCount });
        node.perform(node.replica.truncate(zxid));
        const kept = OLD.slice(0, i + 1);
        t.equal(node.shown(OLD), node.shown(kept));
        t.equal(node.replica.lastLogged, zxid);
        t.equal(node.replica.lastApplied, zxid);
        t.equal(node.replica.window.last, zxid);
        node.commit(range(3, 1, 2));
        const again = ReplicaNode.recovered(node.disk.crash(new Prng(i)), { snapCount });
        t.equal(again.replica.lastLogged, z(3, 2));
        t.equal(again.shown([...OLD, ...range(3, 1, 2)]), again.shown([...kept, ...range(3, 1, 2)]));
      }
    }
  },
);

await t.test(
  'a crash in a truncation leaves a beginning of the old history that has all that was to stay',
  async (t) => {
    const faults: string[] = [];
    let tried = 0;
    const cut = z(1, 4);
    const make = () => {
      const node = withHistory({ snapCount: 3 });
      return {
        disk: node.disk,
        begin: () => runScript(node.disk, node.replica.truncate(cut), () => undefined),
      };
    };
    for (const { where, disk } of crashes(make)) {
      tried++;
      const { replica } = ReplicaNode.recovered(disk);
      const shown = OLD.filter((zxid) => replica.tree.get(pathOf(zxid)) !== undefined);
      const expected = OLD.slice(0, shown.length);
      if (
        replica.lastLogged < cut ||
        shown.join() !== expected.join() ||
        shown.at(-1) !== replica.lastLogged
      ) {
        faults.push(`${where}: ${shown.join(' ')}`);
      }
    }
    t.same(faults, []);
    t.ok(tried > 20, `${tried} crashes`);
  },
);

await t.test(
  'whoever has asked for a snapshot is answered, though the history is taken back first',
  async (t) => {
    const { disk, replica } = withHistory();
    const answers: (Zxid | null | undefined)[] = [];
    const ask = (): void => replica.takeSnapshot((_error, written) => answers.push(written && written.zxid));
    for (let i = 0; i < 3; i++) ask();
    runScript(disk, replica.truncate(z(1, 4)), () => undefined);
    ask();
    disk.run();
    t.same(
      [answers.length, answers.filter((zxid) => zxid === null).length],
      [4, 3],
      'the first was under way, the others wait for it',
    );
    ask();
    disk.run();
    t.equal(answers.at(-1), z(1, 4));
  },
);

await t.test('back to a txn that is not there: what it has is shorter, and of one piece', async (t) => {
  const node = withHistory();
  const error = throws(() => node.perform(node.replica.truncate(z(1, 20))));
  t.ok(error instanceof RoleEnded, String(error));
  t.equal(node.replica.lastLogged, z(1, 8));
  node.commit(range(1, 9, 10));
  t.equal(ReplicaNode.recovered(node.disk.crash(new Prng(1))).replica.lastLogged, z(1, 10));
});

/** Whose only snapshot is above `z(1, 4)`: it came from a leader, say. */
function withoutSnapshotBelow(): ReplicaNode {
  const source = ReplicaNode.recovered(emptyDisk());
  source.commit(OLD);
  const node = ReplicaNode.recovered(emptyDisk());
  node.perform(node.receive(source.snapshotBytes()).install());
  node.commit(range(2, 5, 8));
  return node;
}

await t.test('with nothing to go back to it keeps what it has, and says so', async (t) => {
  const node = withoutSnapshotBelow();
  t.equal(node.perform(node.replica.truncate(z(1, 4))), false);
  t.equal(node.replica.lastLogged, z(2, 8));
  t.equal(ReplicaNode.recovered(node.disk.crash(new Prng(1))).replica.lastLogged, z(2, 8));
  const leader = ReplicaNode.recovered(emptyDisk());
  leader.commit(range(1, 1, 4), 'x');
  node.perform(node.receive(leader.snapshotBytes()).install());
  t.equal(node.replica.lastLogged, z(1, 4));
});

await t.test('nor does it go back to what is damaged, and was not read at the start', async (t) => {
  const node = withHistory({ snapCount: 3 });
  const cut = z(1, 5);
  const log = node.disk
    .paths()
    .findLast((path) => /\/log\.1/.test(path) && path <= `${DIRECTORY}/log.${cut.toString(16)}`);
  const bytes = node.disk.readBytes(log ?? '').slice();
  bytes[40] = (bytes[40] as number) ^ 1;
  node.disk.writeBytes(log ?? '', bytes);
  t.equal(node.perform(node.replica.truncate(cut)), false);
  t.equal(node.replica.lastLogged, OLD.at(-1));
  t.equal(ReplicaNode.recovered(node.disk.crash(new Prng(1))).replica.lastLogged, OLD.at(-1));
});

await t.test('a snapshot takes the place of everything, and the history goes on from there', async (t) => {
  for (const counter of [1, 20]) {
    const node = withHistory({ snapCount: 4 });
    const leader = ReplicaNode.recovered(emptyDisk());
    const theirs = [...range(1, 1, 8), ...range(3, 1, counter)];
    leader.commit(theirs, 'x');
    const before = node.shown(OLD);
    const installation = node.receive(leader.snapshotBytes());
    t.equal(node.shown(OLD), before, 'nothing of it is to be seen before it is installed');
    node.perform(installation.install());
    const again = ReplicaNode.recovered(node.disk.crash(new Prng(counter)));
    for (const each of [node, again]) {
      t.equal(each.shown(OLD), '');
      t.equal(each.shown(theirs, 'x'), leader.shown(theirs, 'x'));
      t.equal(each.replica.lastLogged, leader.replica.lastLogged);
      t.equal(each.replica.window.base, leader.replica.lastLogged);
    }
    t.same(
      node.disk.paths().filter((path) => path.includes('snapshot.')),
      [`${DIRECTORY}/snapshot.${leader.replica.lastLogged.toString(16)}`],
    );
    node.commit(range(4, 1, 3), 'x');
    const last = ReplicaNode.recovered(node.disk.crash(new Prng(counter)));
    t.equal(last.replica.lastLogged, z(4, 3));
  }
});

await t.test(
  'a crash in an installation leaves the old history or the new, whole (B08, ZOOKEEPER-2872)',
  async (t) => {
    const theirs = [...range(1, 1, 8), ...range(3, 1, 2)];
    const leader = ReplicaNode.recovered(emptyDisk());
    leader.commit(theirs, 'x');
    const snapshot = leader.snapshotBytes();
    const seen = new Set<string>();
    const make = () => {
      const node = withHistory({ snapCount: 4 });
      return {
        disk: node.disk,
        begin: () => runScript(node.disk, node.receive(snapshot).install(), () => undefined),
      };
    };
    for (const { where, disk } of crashes(make)) {
      const node = ReplicaNode.recovered(disk);
      const found = `${node.shown(OLD)}|${node.shown(theirs, 'x')}|${node.replica.lastLogged}`;
      const isOld = found === `${expected(OLD)}||${OLD.at(-1)}`;
      const isNew = found === `|${expected(theirs, 'x')}|${theirs.at(-1)}`;
      seen.add(isOld ? 'old' : 'new');
      if (!isOld && !isNew) {
        t.fail(`${where}: ${found}`);
        return;
      }
    }
    t.same([...seen].sort(), ['new', 'old']);
  },
);

function expected(zxids: readonly Zxid[], mark = ''): string {
  return zxids.map((zxid) => `0x${zxid.toString(16)}${mark}`).join(' ');
}

await t.test(
  'a crash in an installation below what was there leaves no txns above a state they do not belong to',
  async (t) => {
    const theirs = range(1, 1, 4);
    const leader = ReplicaNode.recovered(emptyDisk());
    leader.commit(theirs, 'x');
    const snapshot = leader.snapshotBytes();
    const old = [...OLD, ...range(2, 5, 8)];
    const seen = new Set<string>();
    const make = () => {
      const node = withoutSnapshotBelow();
      throws(() => node.perform(node.replica.truncate(z(1, 4))));
      return {
        disk: node.disk,
        begin: () => runScript(node.disk, node.receive(snapshot).install(), () => undefined),
      };
    };
    for (const { where, disk } of crashes(make)) {
      let node: ReplicaNode;
      try {
        node = ReplicaNode.recovered(disk);
      } catch (error) {
        t.fail(`${where}: it does not start again: ${(error as Error).message}`);
        return;
      }
      const last = node.replica.lastLogged;
      const isNew =
        last === z(1, 4) && node.shown(theirs, 'x') === expected(theirs, 'x') && node.shown(old) === '';
      // Without its end, which is above the snapshot it had and was never committed.
      const kept = old.filter((zxid) => zxid <= last);
      const isOld = last >= z(2, 4) && node.shown(old) === expected(kept) && node.shown(theirs, 'x') === '';
      seen.add(isNew ? 'new' : 'old');
      if (!isOld && !isNew) {
        t.fail(`${where}: ${node.shown(old)} | ${node.shown(theirs, 'x')}`);
        return;
      }
    }
    t.same([...seen].sort(), ['new', 'old']);
  },
);

await t.test(
  'a snapshot of the old state does not come up when that has been taken back or replaced',
  async (t) => {
    const leader = ReplicaNode.recovered(emptyDisk());
    leader.commit(range(1, 1, 4), 'x');
    const snapshot = leader.snapshotBytes();
    for (let seed = 0; seed < 60; seed++) {
      const prng = new Prng(seed);
      const node = ReplicaNode.recovered(emptyDisk(), { snapCount: 8 }, seed);
      node.commit(range(1, 1, 3));
      for (const zxid of [...range(1, 4, 8), ...range(2, 1, 4)]) node.replica.append(zxid, createEntry(zxid));
      node.flush();
      // As when a role ends: a snapshot of what nobody committed may begin here, and is still being written …
      node.replica.settle(() => undefined);
      for (let steps = prng.below(8); steps > 0; steps--) node.disk.step();
      // … while the next leader has it taken back.
      const job: DiskScript<unknown> =
        seed % 2 === 0 ? node.replica.truncate(z(1, 4)) : node.receive(snapshot).install();
      let isOver = false;
      runScript(node.disk, job, (error) => {
        isOver = error === null;
      });
      node.disk.run(prng);
      t.ok(isOver, `seed ${seed}`);
      const again = ReplicaNode.recovered(node.disk.crash(prng));
      t.equal(again.replica.lastLogged, z(1, 4), `seed ${seed}`);
    }
  },
);

await t.test('one view at a time, in the order in which they were asked for', async (t) => {
  const node = withHistory();
  const { replica } = node;
  const order: string[] = [];
  replica.whenSnapshotMayBegin(() => order.push('a'));
  t.same(order, ['a']);
  const view = replica.beginSnapshot();
  const cancel = replica.whenSnapshotMayBegin(() => order.push('b'));
  replica.whenSnapshotMayBegin(() => order.push('c'));
  t.throws(() => replica.beginSnapshot(), { message: 'a snapshot is being sent already' });
  cancel();
  t.same(order, ['a']);
  view.cancel();
  t.same(order, ['a', 'c']);
  view.cancel();
  const next = replica.beginSnapshot();
  t.equal(next.zxid, OLD.at(-1));
});

await t.test(
  'an error of the disk in an installation is the script’s, and the old history stays',
  async (t) => {
    const leader = ReplicaNode.recovered(emptyDisk());
    leader.commit(range(1, 1, 4), 'x');
    const node = withHistory();
    node.disk.faults = ({ type, path }) =>
      type === 'write' && path.includes('snapshot') ? { errno: 'ENOSPC' } : null;
    const error = throws(() => node.perform(node.receive(leader.snapshotBytes()).install()));
    t.match(error, { name: 'StorageError', code: 'no-space' });
    t.equal(ReplicaNode.recovered(node.disk.crash(new Prng(1))).replica.lastLogged, OLD.at(-1));
  },
);

await t.test('nothing is purged while the history is taken back, nor the other way round', async (t) => {
  for (let seed = 0; seed < 50; seed++) {
    const node = withHistory({ snapCount: 3 });
    const ends: string[] = [];
    node.replica.purge(1, (error) => ends.push(error === null ? 'purged' : error.message));
    // A purge that has listed the files deletes what a truncation between its steps may rely on, or have deleted.
    runScript(node.disk, node.replica.truncate(z(1, 4)), (error, isCut) => {
      ends.push(error === null ? `taken back: ${isCut}` : error.message);
    });
    node.replica.purge(1, (_error, result) => ends.push(`${result?.deleted.length} deleted`));
    node.disk.run(new Prng(seed));
    // The purge has left nothing to go back to.
    t.same(ends, ['0 deleted', 'purged', 'taken back: false'], `seed ${seed}`);
    t.notOk(
      ends.some((end) => /ENOENT|no such/.test(end)),
      `seed ${seed}: ${ends.join(', ')}`,
    );
  }
});

await t.test(
  'a snapshot taken at the txn that makes a session has the session (B23, ZOOKEEPER-3144)',
  async (t) => {
    const node = ReplicaNode.recovered(emptyDisk(), { snapCount: 0 });
    const session = 0x0100_0000_0000_0001n as SessionId;
    const writer = new JuteWriter();
    writeTxnHeader(writer, {
      clientId: session,
      cxid: 0,
      zxid: z(1, 1),
      time: 1,
      type: OpCode.createSession,
    });
    writeTxn(writer, { type: OpCode.createSession, timeOut: 6000 });
    node.replica.append(z(1, 1), writer.bytes().slice());
    node.flush();
    node.replica.applyThrough(z(1, 1));
    node.disk.run();
    for (const path of node.disk.paths()) {
      if (path.includes('/log.')) node.disk.unlink(path, () => undefined);
    }
    node.disk.run();
    const { replica } = ReplicaNode.recovered(node.disk);
    t.equal(replica.lastApplied, z(1, 1), 'from the snapshot alone');
    t.equal(replica.sessions.timeoutOf(session), 6000);
  },
);
