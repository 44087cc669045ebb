import t from 'tap';
import { CORE_CONFIG, emptyDisk } from '../../harness/sim/testing/replica-node.ts';
import type { SimDisk } from '../../harness/sim/sim-disk.ts';
import { SILENT_LOG } from '../base/log.ts';
import { Prng } from '../base/prng.ts';
import type { ServerId } from '../base/server-id.ts';
import { FakeSocket } from '../pipeline/testing/fake-socket.ts';
import { TEST_AUTHENTICATOR, TEST_PROVIDERS } from '../pipeline/testing/test-auth.ts';
import { createMembership } from '../zab/membership.ts';
import { VirtualTime } from '../zab/testing/virtual-time.ts';
import { EnsembleServer } from './ensemble-server.ts';

const INIT_MS = 20_000;

/** An ensemble of one: it elects itself. Its disk and its time are the test's. */
class Alone {
  readonly time = new VirtualTime();
  readonly disk: SimDisk = emptyDisk();
  readonly server: EnsembleServer;
  #isTurnBegun = false;

  constructor() {
    const endpoint = { host: 'server1', port: 2888 };
    const member = { id: 1 as ServerId, quorum: endpoint, election: endpoint, client: null };
    this.server = new EnsembleServer(
      CORE_CONFIG,
      {
        myId: 1 as ServerId,
        membership: createMembership({ members: [{ ...member, role: 'participant' }] }),
        initLimitMs: INIT_MS,
        syncLimitMs: 10_000,
        connectToLearnerMasterLimitMs: INIT_MS,
        cnxTimeoutMs: 5000,
        quorumCnxnTimeoutMs: 5000,
        minNotificationIntervalMs: 200,
        maxNotificationIntervalMs: 60_000,
        leaderServes: true,
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
        log: SILENT_LOG,
        auth: { ...TEST_AUTHENTICATOR, providers: TEST_PROVIDERS },
        counters: {
          packetsReceived: 0,
          authFailedCount: 0,
          readDone: () => undefined,
          updateDone: () => undefined,
          responseSent: () => undefined,
        },
        fourLetterWord: () => null,
        onBadBytes: () => undefined,
        halt: (error) => {
          throw error;
        },
        observer: null,
        dialer: { dial: () => () => undefined },
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

await t.test('an ensemble of one leads, serves, and leads again after it was stopped', async (t) => {
  const alone = new Alone().elected();
  while (alone.step());
  t.ok(alone.server.leader?.isEstablished);
  t.equal(alone.server.replica.currentEpoch, 1);
  t.not(alone.server.core, null);
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
      const alone = new Alone().elected();
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
  const alone = new Alone();
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
