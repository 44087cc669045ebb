import t, { type Test } from 'tap';
import { Prng } from '../../server/base/prng.ts';
import type { LoadControl } from '../load/run-load.ts';
import { type RoundsPlan, runFaultRounds } from './fault-rounds.ts';
import type { Fault, FaultRound } from './fault.ts';
import { FAULTS } from './faults.ts';
import { FakeEnsemble } from './testing/fake-ensemble.ts';

// Most of the time each of them waits, so they run at the same time.
t.jobs = 4;
const tests: Promise<unknown>[] = [];

function test(title: string, body: (t: Test) => Promise<void>): void {
  tests.push(t.test(title, { buffered: true }, body));
}

interface Outcome {
  readonly rounds: FaultRound[];
  readonly phases: string[];
  readonly notes: string[];
  readonly ensemble: FakeEnsemble;
  readonly failure: unknown;
}

function faultOf(name: string): Fault {
  const fault = FAULTS.get(name);
  if (fault === undefined) throw new Error(`no fault ${name}`);
  return fault;
}

/** Rounds of a fault on servers that are nothing but roles, under a load that is nothing but a clock. */
async function broken(
  t: Test,
  options: {
    readonly fault: string;
    readonly servers: number;
    readonly observers?: number;
    readonly seed?: number;
    readonly plan?: Partial<RoundsPlan>;
    /** Before it begins. */
    readonly spoil?: (ensemble: FakeEnsemble) => void;
    /** Once the fault is in effect. */
    readonly onRound?: (ensemble: FakeEnsemble, abort: () => void) => void;
  },
): Promise<Outcome> {
  const ensemble = await FakeEnsemble.start(options.servers, options.observers);
  t.teardown(() => ensemble.stop());
  options.spoil?.(ensemble);
  const abort = new AbortController();
  const startedMs = performance.now();
  const rounds: FaultRound[] = [];
  const phases: string[] = [];
  const notes: string[] = [];
  const load: LoadControl = {
    nowMs: () => performance.now() - startedMs,
    enterPhase: async (phase) => void phases.push(phase),
    hasAcknowledged: () => ensemble.isServing,
    signal: abort.signal,
  };
  let failure: unknown = null;
  try {
    await runFaultRounds(load, {
      ensemble,
      fault: faultOf(options.fault),
      rounds: 1,
      durationMs: 1,
      silenceLimitMs: 30,
      prng: new Prng(options.seed ?? 1),
      note: (line) => notes.push(line),
      onRound(round) {
        rounds.push(round);
        options.onRound?.(ensemble, () => abort.abort());
      },
      ...options.plan,
    });
  } catch (error) {
    failure = error;
  }
  return { rounds, phases, notes, ensemble, failure };
}

/** Every moment of the round there is, in the order of the names. */
function isInOrder(round: FaultRound | undefined, ...names: (keyof FaultRound)[]): boolean {
  const moments = names.map((name) => round?.[name]);
  if (moments.some((moment) => typeof moment !== 'number')) return false;
  return moments.every((moment, index) => index === 0 || Number(moments[index - 1]) <= Number(moment));
}

test('the leader is killed, another serves, and the killed one comes back', async (t) => {
  const { rounds, phases, notes, ensemble, failure } = await broken(t, { fault: 'kill-leader', servers: 3 });
  t.equal(failure, null);
  t.same(ensemble.events, ['kill 3', 'restart 3']);
  const [round] = rounds;
  t.match(round, { fault: 'kill-leader', effect: 'killed', serverIds: [3], leaderId: 2 });
  t.equal(round?.label, 'leader killed (server 3)');
  t.ok(isInOrder(round, 'injectedAtMs', 'electedAtMs', 'servedAtMs', 'mendedAtMs', 'rejoinedAtMs'), {
    round,
  });
  t.same(phases, ['crash', 'recovery']);
  t.match(notes, [
    'leader killed (server 3), under load',
    /^leader killed \(server 3\), server 2 leads \d\.\d\d s later, all serve \d\.\d\d s later$/,
  ]);
});

test('a follower is killed, and nobody is elected', async (t) => {
  const { rounds, ensemble } = await broken(t, { fault: 'kill-follower', servers: 4, observers: 1, seed: 3 });
  const [round] = rounds;
  t.match(round, { electedAtMs: null, leaderId: null, label: /^follower killed \(server [12]\)$/ });
  t.ok(isInOrder(round, 'injectedAtMs', 'servedAtMs', 'mendedAtMs', 'rejoinedAtMs'), { round });
  t.equal((await ensemble.roles()).get(4), 'observer', 'an observer is no follower');
});

test('all servers are killed at the same time', async (t) => {
  const { rounds, ensemble } = await broken(t, { fault: 'kill-all', servers: 3 });
  t.same(ensemble.events, ['kill 1', 'kill 2', 'kill 3', 'restart 1', 'restart 2', 'restart 3']);
  t.equal(rounds[0]?.label, 'all 3 servers killed');
  t.ok(isInOrder(rounds[0], 'injectedAtMs', 'mendedAtMs', 'electedAtMs', 'servedAtMs'), { round: rounds[0] });
});

test('without a majority left the killed one is started again at once', async (t) => {
  const { rounds, failure } = await broken(t, { fault: 'kill-leader', servers: 2 });
  t.equal(failure, null);
  t.ok(isInOrder(rounds[0], 'injectedAtMs', 'mendedAtMs', 'electedAtMs', 'servedAtMs'), { round: rounds[0] });
});

test('a paused leader goes on when another leads, or now and then before that', async (t) => {
  const plan = { rounds: 12, silenceLimitMs: 30 };
  const { rounds, ensemble, failure } = await broken(t, { fault: 'pause-leader', servers: 3, plan });
  t.equal(failure, null);
  t.equal(rounds.length, 12);
  const awaited = rounds.filter(({ fault }) => fault === 'pause-leader');
  const early = rounds.filter(({ fault }) => fault === 'pause-leader, woken early');
  t.equal(awaited.length + early.length, 12);
  t.same(new Set(rounds.map(({ step }) => step.fault)), new Set(['pause-leader']));
  t.ok(awaited.length > early.length && early.length > 0, `${early.length} woken early`);
  for (const round of awaited) {
    t.ok(isInOrder(round, 'injectedAtMs', 'electedAtMs', 'servedAtMs', 'mendedAtMs', 'rejoinedAtMs'), {
      round,
    });
    t.match(round.label, /^leader paused for \d+ ms \(server \d\)$/);
    t.not(round.leaderId, round.serverIds[0]);
  }
  for (const round of early) {
    t.ok(isInOrder(round, 'injectedAtMs', 'mendedAtMs', 'servedAtMs'), { round });
    t.ok(round.leaderId === null || round.leaderId !== round.serverIds[0], 'going on is no election', {
      round,
    });
  }
  t.equal(ensemble.events.filter((event) => event.startsWith('resume')).length, 12, 'none is left paused');
});

test('a server on its own is killed again and again, also while it comes back', async (t) => {
  const { rounds, ensemble, notes } = await broken(t, {
    fault: 'kill-any',
    servers: 1,
    seed: 3,
    plan: { rounds: 10 },
  });
  t.equal(rounds.length, 10);
  t.equal(rounds[0]?.label, 'server 1 killed');
  t.match(rounds[0], { electedAtMs: null, rejoinedAtMs: null });
  t.ok(rounds.every((round) => isInOrder(round, 'injectedAtMs', 'mendedAtMs', 'servedAtMs')));
  t.ok(ensemble.events.filter((event) => event === 'kill 1').length > 10, 'some of them twice');
  t.same(notes, ['10 of 10 kills']);
});

test('the same seed hits the same servers', async (t) => {
  const plan = { rounds: 6 };
  const victims = async (seed: number): Promise<unknown> => {
    const { rounds } = await broken(t, { fault: 'kill-any', servers: 3, seed, plan });
    return rounds.map(({ serverIds }) => serverIds[0]);
  };
  const [some, again, others] = await Promise.all([victims(4), victims(4), victims(5)]);
  t.same(some, again);
  t.notSame(some, others);
});

test('an ensemble that does not come to serve again is an error, with the ends of its logs', async (t) => {
  const { failure, rounds } = await broken(t, {
    fault: 'kill-leader',
    servers: 3,
    plan: { serveTimeoutMs: 100, silenceLimitMs: 10 },
    onRound(ensemble) {
      ensemble.isStuck = true;
    },
  });
  t.match(failure, {
    name: 'EnsembleError',
    message:
      /^leader killed \(server 3\): nobody has led for 120 ms; the end of 1\.log:\nthe last words of 1; the end of 2\.log/,
  });
  t.match(rounds, [{ servedAtMs: null, mendedAtMs: null }], 'what there was of the round is known');
});

test('a run that ends in the middle of a round waits for nothing', async (t) => {
  const { failure, rounds, phases } = await broken(t, {
    fault: 'kill-leader',
    servers: 3,
    onRound(ensemble, abort) {
      ensemble.isStuck = true;
      setTimeout(abort, 20);
    },
  });
  t.equal(failure, null);
  t.match(rounds, [{ electedAtMs: null, mendedAtMs: null }]);
  t.same(phases, ['crash']);
});

test('a signal that goes to nobody is found to have taken no effect, and the rounds go on', async (t) => {
  for (const fault of ['kill-leader', 'pause-leader']) {
    const { rounds, failure, notes } = await broken(t, {
      fault,
      servers: 3,
      seed: 2,
      spoil(ensemble) {
        ensemble.kill = async () => {};
        ensemble.pause = async () => {};
      },
      plan: { rounds: 2, silenceLimitMs: 10 },
    });
    t.equal(failure, null);
    t.match(rounds, [{ noEffect: /^took no effect: server 3 / }, { noEffect: /^took no effect: server 3 / }]);
    t.match(notes[0], /\(server 3\): took no effect: server 3 (goes on|does not hold still), it is running/);
  }
});

test('what showed that a fault took effect and that it was healed is kept', async (t) => {
  const { rounds } = await broken(t, { fault: 'kill-leader', servers: 3 });
  t.same(rounds[0]?.noEffect, null);
  t.match(rounds[0]?.evidence, ['server 3: it is ended', /^server 3 serves, it is running/]);
});

await Promise.all(tests);
