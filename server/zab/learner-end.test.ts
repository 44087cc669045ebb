import t from 'tap';
import type { SessionId } from '../base/session-id.ts';
import { StorageError } from '../storage/storage-error.ts';
import { EPOCH, CONNECT_MS, INIT_MS, SYNC_MS, z, Bench, stateAt, proposal } from './testing/learner-bench.ts';
import { leaderInfoPacket, newLeaderPacket, packet, snapPacket } from './testing/packets.ts';

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
      bench.handler.onClosed();
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
  bench.handler.onBytes(packet('commit', z(1)));
  bench.handler.onClosed();
  bench.learner.forward({ sessionId: 7n as SessionId, cxid: 3, type: 1, body: Uint8Array.of(9) }, null);
  bench.learner.flush();
  bench.time.runUntil(100_000);
  t.same(bench.events, ['stopped']);
  t.equal(bench.replica.lastApplied, z(4, 1));
});
