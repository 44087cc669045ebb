import t from 'tap';
import { JuteWriter } from '../wire/jute-writer.ts';
import { writeCommitAndActivate, writeInformAndActivate } from '../wire/quorum/activate.ts';
import type { Membership } from './membership.ts';
import { Bench, EPOCH, z } from './testing/learner-bench.ts';
import { leaderInfoPacket, newLeaderPacket, packet } from './testing/packets.ts';
import { ensembleOf, reconfigEntry } from './testing/reconfig-entry.ts';
import { id } from './testing/test-membership.ts';

const THREE = ensembleOf([1, 2, 3], { version: 7 });

function changeTo(voters: readonly number[], observers: readonly number[] = [], zxid = z(1)): Membership {
  return ensembleOf(voters, { observers, version: zxid });
}

function proposalOf(membership: Membership): Uint8Array {
  const zxid = membership.version as ReturnType<typeof z>;
  return packet('proposal', zxid, reconfigEntry(zxid, membership));
}

function activationOf({ version }: Membership, designated: number): Uint8Array {
  const writer = new JuteWriter();
  writeCommitAndActivate(writer, { designatedLeader: id(designated) });
  return packet('commitAndActivate', version, writer.bytes().slice());
}

/** Server 2, which follows server 3. */
function serving(options: { readonly isObserver?: boolean; readonly isChangeable?: boolean } = {}): Bench {
  const bench = new Bench({ membership: THREE, isChangeable: true, ...options });
  bench.serve();
  return bench;
}

await t.test('what is proposed is kept, then logged, then acknowledged', async (t) => {
  const bench = serving();
  bench.replica.holdsJobs = true;
  bench.send(proposalOf(changeTo([1, 2, 3, 4])), packet('proposal', z(2), reconfigEntry(z(2), THREE)));
  t.same(bench.replica.steps, []);
  bench.replica.holdsJobs = false;
  bench.replica.finishJob();
  t.same(bench.replica.steps.slice(0, 2), ['next 500000001', 'append 0x500000001']);
  t.same(bench.said(), []);
  bench.flush();
  t.same(bench.said().slice(0, 1), ['ack 0x500000001']);
});

await t.test('what is committed decides here before it is applied', async (t) => {
  const bench = serving();
  const change = changeTo([1, 2, 3, 4]);
  bench.send(proposalOf(change));
  bench.flush();
  bench.replica.steps.length = 0;
  bench.send(activationOf(change, 3));
  t.same(bench.replica.steps, ['configuration 500000001', 'no next', 'apply 0x500000001']);
  t.same(bench.events, [], 'and its role goes on');
});

await t.test('a role that it has no more ends, and who leads next is known', async (t) => {
  for (const [what, change, designated, end] of [
    ['another leads', changeTo([1, 2]), 1, 'ended, 1 leads: server 1 leads from now on'],
    ['it leads itself', changeTo([1, 2]), 2, 'ended, 2 leads: server 2 leads from now on'],
    ['it observes', changeTo([1, 3], [2]), 3, 'ended, 3 leads: it observes from now on'],
    ['it is out, and follows on', changeTo([1, 3]), 3, undefined],
  ] as const) {
    const bench = serving();
    bench.send(proposalOf(change));
    bench.flush();
    bench.send(activationOf(change, designated));
    t.equal(bench.events[0], end, what);
    t.equal(bench.replica.lastApplied, z(1), `${what}: its clients are told first`);
  }
});

await t.test('an observer gets the change with its commit, and may follow from then on', async (t) => {
  const bench = serving({ isObserver: true });
  const change = changeTo([1, 2, 3]);
  const writer = new JuteWriter();
  const entry = reconfigEntry(z(1), ensembleOf([1, 2, 3, 5], { version: z(1) }));
  writeInformAndActivate(writer, { designatedLeader: id(3), entry });
  bench.send(packet('informAndActivate', change.version, writer.bytes().slice()));
  t.same(bench.replica.steps, ['append 0x500000001', 'configuration 500000001', 'no next']);
  t.same(bench.events, ['ended, 3 leads: it follows from now on']);
});

await t.test(
  'the configuration of NEWLEADER is kept before its ack, and decides with UPTODATE',
  async (t) => {
    const bench = new Bench({ membership: ensembleOf([1, 2, 3]), isChangeable: true });
    bench.discover();
    const { text } = ensembleOf([1, 2, 3], { version: z(0) });
    bench.send(packet('diff', bench.replica.lastLogged), newLeaderPacket(EPOCH, text));
    t.same(bench.replica.steps, ['acceptedEpoch 5', 'next 500000000', 'currentEpoch 5']);
    bench.send(packet('upToDate', -1));
    t.same(bench.replica.steps.slice(3), ['configuration 500000000', 'no next']);
    t.same(bench.events, ['serves in 5']);
  },
);

await t.test(
  'one that is proposed and not committed does not decide, whoever names it in NEWLEADER',
  async (t) => {
    const bench = new Bench({ membership: THREE, isChangeable: true });
    bench.discover();
    const change = changeTo([1, 2, 3, 4]);
    bench.send(
      packet('diff', bench.replica.lastLogged),
      proposalOf(change),
      newLeaderPacket(EPOCH, change.text),
    );
    bench.flush();
    bench.send(packet('upToDate', -1));
    t.notOk(bench.replica.steps.some((step) => step.startsWith('configuration')));
    bench.send(activationOf(change, 3));
    t.ok(bench.replica.steps.includes('configuration 500000001'));
  },
);

await t.test('a leader that may not lead under its own configuration is left', async (t) => {
  const bench = new Bench({ membership: THREE, isChangeable: true });
  bench.open();
  bench.send(leaderInfoPacket(EPOCH));
  const { text } = ensembleOf([1, 2], { version: z(4, 1) });
  bench.send(packet('diff', bench.replica.lastLogged), newLeaderPacket(EPOCH, text), packet('upToDate', -1));
  t.same(bench.events, ['ended: server 3 may lead no more']);
});

await t.test('where members do not change an activation is a commit', async (t) => {
  const bench = serving({ isChangeable: false });
  const change = changeTo([1, 2]);
  bench.send(proposalOf(change));
  bench.flush();
  bench.send(activationOf(change, 1));
  t.same(bench.replica.steps, ['append 0x500000001', 'flush 0x500000001', 'apply 0x500000001']);
  t.same(bench.events, []);
});
