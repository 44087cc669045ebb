import { sessionPassword } from '../session/session-password.ts';
import t from 'tap';
import { CORE_CONFIG, emptyDisk } from '../../harness/sim/testing/replica-node.ts';
import type { SimDisk } from '../../harness/sim/sim-disk.ts';
import { SILENT_LOG } from '../base/log.ts';
import { Prng } from '../base/prng.ts';
import type { Accept, Dialer, Endpoint, StreamHandler } from '../base/ports.ts';
import type { ServerId } from '../base/server-id.ts';
import { makeZxid, type Zxid } from '../base/zxid.ts';
import { ConfigurationFiles } from '../storage/configuration-files.ts';
import { runScript } from '../storage/disk-script.ts';
import { writeSnapshot } from '../storage/snapshot-writer.ts';
import { DataTree } from '../tree/data-tree.ts';
import { DIRECTORY } from '../../harness/sim/places.ts';
import { FakeSocket } from '../base/testing/fake-socket.ts';
import type { ServerCounters } from '../pipeline/server-core.ts';
import { TEST_AUTHENTICATOR, TEST_PROVIDERS } from '../pipeline/testing/test-auth.ts';
import { connectFrame } from '../pipeline/testing/test-client.ts';
import { writeInitialMessage } from '../wire/election/initial-message.ts';
import { PeerState, writeNotification } from '../wire/election/notification.ts';
import { JuteWriter } from '../wire/jute-writer.ts';
import { createMembership } from '../zab/membership.ts';
import {
  ackEpochPacket,
  infoPacket,
  joined,
  leaderInfoPacket,
  newLeaderPacket,
  packet,
} from '../zab/testing/packets.ts';
import { VirtualTime } from '../zab/testing/virtual-time.ts';
import { EnsembleServer } from './ensemble-server.ts';

const INIT_MS = 20_000;
const QUORUM_PORT = 2888;

const NO_COUNTERS: ServerCounters = {
  packetsReceived: 0,
  authFailedCount: 0,
  readDone: () => undefined,
  updateDone: () => undefined,
  responseSent: () => undefined,
  batchWritten: () => undefined,
  electionDone: () => undefined,
  snapshotWritten: () => undefined,
};

/** Server 1 of an ensemble; alone it elects itself. Its disk, its time and its network are the test's. */
class Bench {
  readonly time = new VirtualTime();
  readonly disk: SimDisk;
  readonly server: EnsembleServer;
  /** Takes the other end of every connection the server opens. */
  onDialed: (endpoint: Endpoint, open: Accept) => void = () => undefined;
  #isTurnBegun = false;

  readonly #dialer: Dialer = {
    dial: (endpoint, { onOpen }) => {
      this.onDialed(endpoint, onOpen);
      return () => undefined;
    },
  };

  constructor(
    ids: readonly number[] = [1],
    { readOnlyMode = false, isChangeable = false, disk = emptyDisk() } = {},
  ) {
    this.disk = disk;
    const members = ids.map((id) => ({
      id: id as ServerId,
      quorum: { host: `server${id}`, port: QUORUM_PORT },
      election: { host: `server${id}`, port: 3888 },
      client: null,
      role: 'participant' as const,
    }));
    this.server = new EnsembleServer(
      CORE_CONFIG,
      {
        myId: 1 as ServerId,
        membership: createMembership({ members }),
        reconfig: isChangeable
          ? { files: new ConfigurationFiles('/zoo.cfg'), lastSeen: null, votersMin: 1 }
          : null,
        initLimitMs: INIT_MS,
        syncLimitMs: 10_000,
        connectToLearnerMasterLimitMs: INIT_MS,
        cnxTimeoutMs: 5000,
        quorumCnxnTimeoutMs: 5000,
        minNotificationIntervalMs: 200,
        maxNotificationIntervalMs: 60_000,
        leaderServes: true,
        readOnlyMode,
        commitLogCount: 500,
      },
      {
        disk: this.disk,
        clock: this.time,
        timers: this.time,
        scheduleEndOfTurn: () => {
          this.#isTurnBegun = true;
        },
        random: new Prng(1),
        onMembersChanged: () => undefined,
        log: SILENT_LOG,
        auth: { ...TEST_AUTHENTICATOR, providers: TEST_PROVIDERS },
        counters: NO_COUNTERS,
        answerWord: () => 'no-word',
        passwordOf: sessionPassword,
        onBadBytes: () => undefined,
        halt: (error) => {
          throw error;
        },
        observer: null,
        electionDialer: this.#dialer,
        quorumDialer: this.#dialer,
      },
    );
    this.server.start((error) => {
      if (error !== null) throw error;
    });
  }

  endTurn(): void {
    while (this.#isTurnBegun) {
      this.#isTurnBegun = false;
      this.server.endOfTurn();
    }
  }

  step(): boolean {
    const hasMore = this.disk.step();
    this.endTurn();
    return hasMore;
  }

  pass(ms: number): void {
    const end = this.time.nowMs + ms;
    while (this.time.nowMs < end) {
      this.time.runUntil(Math.min(end, this.time.nowMs + 50));
      this.endTurn();
    }
  }

  /** As far as its election; its promise is on its way to the disk. */
  elected(): this {
    while (this.server.role !== 'leading') if (!this.step()) this.pass(50);
    return this;
  }
}

await t.test('who looks for a leader for long serves those who only read, until there is one', async (t) => {
  const bench = new Bench([1, 2], { readOnlyMode: true });
  while (bench.step());
  bench.pass(1900);
  t.equal(bench.server.core, null);
  bench.pass(200);
  t.ok(bench.server.core?.isReadOnly);
  const client = new FakeSocket('10.0.0.1');
  const handler = bench.server.onClientConnection(client);
  handler.onBytes(connectFrame({ readOnly: true }));
  bench.endTurn();
  t.ok(client.take().length > 0);
  bench.server.stop(() => undefined);
  t.equal(client.state, 'destroyed');
  t.equal(bench.server.core, null);
});

/** The disk of a server whose node of the configuration holds this, written at `zxid`. */
function diskShowing(text: string, zxid: Zxid): SimDisk {
  const disk = emptyDisk();
  const tree = new DataTree({ digestEnabled: true });
  tree.createSystemNodes();
  tree.setData('/zookeeper/config', Buffer.from(text), -1, zxid, 1);
  tree.lastProcessedZxid = zxid;
  runScript(disk, writeSnapshot({ directory: DIRECTORY, source: tree.beginSnapshot([]) }), (error) => {
    if (error !== null) throw error;
  });
  disk.run();
  return disk;
}

await t.test(
  'a change that was logged counts after a restart, and nothing else that the node holds',
  async (t) => {
    const zxid = makeZxid(1, 7);
    const two = [1, 2].map((n) => `server.${n}=server${n}:2888:3888:participant`).join('\n');
    const votesWith = (text: string): boolean => {
      const bench = new Bench([1], { isChangeable: true, disk: diskShowing(text, zxid) });
      while (bench.step());
      bench.pass(5000);
      return bench.server.role === 'looking';
    };
    t.ok(votesWith(`${two}\nversion=100000007`), 'server 2 may have to agree');
    t.notOk(votesWith(`${two}\nversion=100000008`), 'somebody has written what looks like one');
    t.notOk(votesWith('what is no configuration'));
  },
);

/** What a server that has lost the others, or never had them in this life, shows of who belongs to it. */
function configurationWithoutQuorum(bench: Bench): string {
  while (bench.step());
  bench.pass(2100);
  if (bench.server.core?.isReadOnly !== true) throw new Error('nobody is served');
  const config = bench.server.replica.tree.get('/zookeeper/config');
  return Buffer.from(config?.data ?? []).toString();
}

await t.test('without a quorum the committed configuration is shown as with one', async (t) => {
  const fresh = new Bench([1, 2], { readOnlyMode: true });
  t.match(configurationWithoutQuorum(fresh), /^server\.1=.*\nserver\.2=.*\nversion=0$/);
  const text = 'server.9=server9:2888:3888:participant\nversion=100000007';
  const disk = diskShowing(text, makeZxid(1, 8));
  const written = new Bench([1, 2], { readOnlyMode: true, isChangeable: true, disk });
  t.match(configurationWithoutQuorum(written), /^server\.1=.*\nserver\.2=.*\nversion=0$/);
});

await t.test('a configuration that may come to be committed stays in the tree meanwhile', async (t) => {
  const text = 'server.9=server9:2888:3888:participant\nversion=100000007';
  const disk = diskShowing(text, makeZxid(1, 7));
  const bench = new Bench([1, 2], { readOnlyMode: true, isChangeable: true, disk });
  t.equal(configurationWithoutQuorum(bench), text, 'or no restart would count it');
});

await t.test('an ensemble of one leads, serves, and leads again after it was stopped', async (t) => {
  const alone = new Bench().elected();
  while (alone.step());
  t.ok(alone.server.leader?.isEstablished);
  t.equal(alone.server.replica.currentEpoch, 1);
  t.not(alone.server.core, null);
  const config = alone.server.replica.tree.get('/zookeeper/config');
  t.match(
    Buffer.from(config?.data ?? []).toString(),
    /^server\.1=.*\nversion=0$/,
    'it shows who belongs to it',
  );
  let isStopped = false;
  alone.server.stop(() => {
    isStopped = true;
  });
  while (alone.step());
  t.ok(isStopped);
  t.equal(alone.server.core, null);
});

await t.test(
  'a role that ends on the disk is waited for, by the next one and by who stops the server',
  async (t) => {
    for (const isTakenDown of [true, false]) {
      const alone = new Bench().elected();
      t.ok(alone.disk.queued.length > 0, 'its promise is on its way');
      if (isTakenDown) {
        alone.pass(INIT_MS + 100);
        t.equal(alone.server.role, 'leading', 'it has given up, and looks when its disk has answered');
      }
      alone.disk.trace.length = 0;
      let stepsAtStop = -1;
      alone.server.stop(() => {
        stepsAtStop = alone.disk.trace.length;
      });
      t.equal(stepsAtStop, -1);
      while (alone.step());
      const promised = alone.disk.trace.findIndex(
        ({ type, path }) => type === 'rename' && path.includes('acceptedEpoch'),
      );
      t.ok(promised >= 0);
      t.ok(
        stepsAtStop > promised + 1,
        `stopped after ${stepsAtStop} steps, the promise is durable after ${promised + 2}`,
      );
    }
  },
);

await t.test('stopped it takes nobody in, and lets go of those who waited', async (t) => {
  const alone = new Bench();
  const early = new FakeSocket('10.0.0.2');
  alone.server.onQuorumConnection(early);
  t.equal(early.state, 'open');
  t.ok(early.isPaused);
  alone.server.stop(() => undefined);
  t.equal(early.state, 'destroyed');
  const late = new FakeSocket('10.0.0.3');
  alone.server.onQuorumConnection(late);
  t.equal(late.state, 'destroyed');
});

function electionBytes(write: (writer: JuteWriter) => void): Uint8Array {
  const writer = new JuteWriter();
  write(writer);
  return writer.bytes().slice();
}

/** Server 2 looks for a leader, and proposes this one. */
function voteOfServer2({
  round,
  leader,
  config = null,
}: {
  readonly round: number;
  readonly leader: number;
  readonly config?: string | null;
}): Uint8Array {
  const body = electionBytes((writer) => {
    writeNotification(writer, {
      state: PeerState.looking,
      leader: leader as ServerId,
      zxid: makeZxid(0, 0),
      electionEpoch: round,
      peerEpoch: 0,
      version: 2,
      config,
    });
  });
  return electionBytes((writer) => writer.buffer(body));
}

/** Server 2, on its election connection: first says who it is. */
function electionOfServer2(bench: Bench): StreamHandler {
  const election = bench.server.onElectionConnection(new FakeSocket('10.0.0.2'));
  const addresses = [{ host: 'server2', port: 3888 }];
  election.onBytes(
    electionBytes((writer) =>
      writeInitialMessage(writer, { version: 'many-addresses', sid: 2 as ServerId, addresses }),
    ),
  );
  return election;
}

await t.test('who learns of newer members meanwhile shows those', async (t) => {
  const bench = new Bench([1, 2], { readOnlyMode: true, isChangeable: true });
  configurationWithoutQuorum(bench);
  const members = [1, 2, 3].map((n) => `server.${n}=server${n}:2888:3888:participant\n`).join('');
  const config = `${members}version=100000003`;
  electionOfServer2(bench).onBytes(voteOfServer2({ round: 1, leader: 2, config }));
  t.equal(configurationWithoutQuorum(bench), config);
});

await t.test('a learner whose role has ended does not come to serve in the same turn', async (t) => {
  const bench = new Bench([1, 2, 3]);
  let leader = null as StreamHandler | null;
  bench.onDialed = ({ port }, open) => {
    if (port === QUORUM_PORT) leader = open(new FakeSocket('10.0.0.2'));
  };
  while (bench.step());
  const election = electionOfServer2(bench);
  election.onBytes(voteOfServer2({ round: 1, leader: 2 }));
  bench.pass(1000);
  t.equal(bench.server.role, 'following');
  leader?.onBytes(leaderInfoPacket(1));
  while (bench.step());
  leader?.onBytes(joined(packet('diff', 0), newLeaderPacket(1)));
  while (bench.step());
  t.equal(bench.server.replica.currentEpoch, 1, 'it has acknowledged the leader, and waits for UPTODATE');

  election.onBytes(voteOfServer2({ round: 2, leader: 2 }));
  leader?.onBytes(packet('upToDate', -1));
  t.equal(bench.server.core, null, 'nobody is served in a role that is over');
  while (bench.step());
  t.equal(bench.server.role, 'looking');
});

await t.test('a leader whose role has ended does not come to serve in the same turn', async (t) => {
  const bench = new Bench([1, 2]);
  while (bench.step());
  const election = electionOfServer2(bench);
  election.onBytes(voteOfServer2({ round: 1, leader: 1 }));
  bench.pass(1000);
  t.equal(bench.server.role, 'leading');
  const learner = bench.server.onQuorumConnection(new FakeSocket('10.0.0.2'));
  learner.onBytes(infoPacket(2));
  while (bench.step());
  learner.onBytes(ackEpochPacket(0, 0));
  while (bench.step());
  t.equal(bench.server.replica.currentEpoch, 1);

  election.onBytes(voteOfServer2({ round: 2, leader: 2 }));
  learner.onBytes(packet('ack', makeZxid(1, 0)));
  t.equal(bench.server.core, null, 'nobody is served in a role that is over');
  while (bench.step());
  t.equal(bench.server.role, 'looking');
});
