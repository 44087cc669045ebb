import t, { type Test } from 'tap';
import { createField, type Field } from '../field.ts';
import { FAULTS } from '../faults.ts';
import { Battlefield } from '../testing/battlefield.ts';
import { FakeEnsemble } from '../testing/fake-ensemble.ts';
import { drawPlan } from './draw-plan.ts';
import { parsePlan, type Plan, PLAN_SCHEMA, type PlanStep } from './plan.ts';
import { planHash } from './plan-hash.ts';
import { runPlan } from './run-plan.ts';
import { type StepRecord, whyUnproven } from './step-record.ts';

function planWith(steps: readonly Partial<PlanStep>[], quorumAlone: object | null = null): Plan {
  const parsed = parsePlan({ schema: PLAN_SCHEMA, steps, quorumAlone });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.plan;
}

interface Scene {
  readonly ensemble: FakeEnsemble;
  readonly field: Field;
  readonly abort: () => void;
}

/** Servers that are nothing but roles. */
async function scene(t: Test, servers = 3): Promise<Scene> {
  const ensemble = await FakeEnsemble.start(servers);
  t.teardown(() => ensemble.stop());
  const abort = new AbortController();
  const field = createField({
    ensemble,
    controls: null,
    network: null,
    silenceLimitMs: 10,
    nowMs: () => performance.now(),
    hasAcknowledged: () => ensemble.isServing,
    signal: abort.signal,
    note: () => {},
  });
  return { ensemble, field, abort: () => abort.abort() };
}

await t.test('steps are played in time, proven, healed, and all come to have the same', async (t) => {
  const { ensemble, field } = await scene(t);
  const plan = planWith([
    { atMs: 10, fault: 'kill-leader', forMs: 60 },
    { atMs: 300, fault: 'pause-follower', forMs: 20 },
  ]);
  const record = await runPlan(plan, field);
  t.equal(record.planHash, planHash(plan));
  t.match(
    record.convergence,
    /^3 servers serve, server \d leads; server 1 has come to the leader's zxid 0x100000001; /,
  );
  t.same(
    record.steps.map(({ fault, outcome }) => `${fault} ${outcome}`),
    ['kill-leader proven', 'pause-follower proven'],
  );
  for (const step of record.steps) {
    const moments = [
      step.dueAtMs,
      step.injectedAtMs,
      step.provenAtMs,
      step.healingAtMs,
      step.healedAtMs,
      step.healProvenAtMs,
    ].map(Number);
    t.same(
      moments,
      moments.toSorted((a, b) => a - b),
    );
    t.equal(step.evidence.length, 2);
    t.ok(
      Number(step.healingAtMs) - Number(step.injectedAtMs) >= (plan.steps[step.index ?? 0]?.forMs ?? 0) - 1,
    );
  }
  t.same(ensemble.events.slice(0, 2), ['kill 3', 'restart 3']);
  t.equal(whyUnproven(record), null);
});

await t.test('faults overlap, and the later one hits who is left', async (t) => {
  const { ensemble, field } = await scene(t);
  const plan = planWith([
    { atMs: 0, fault: 'kill-follower', forMs: 1_000 },
    { atMs: 50, fault: 'kill-all', forMs: 1_500 },
  ]);
  const record = await runPlan(plan, field);
  t.same(
    record.steps.map(({ outcome }) => outcome),
    ['proven', 'proven'],
  );
  t.same(record.steps[1]?.serverIds, [2, 3], 'who is down already is hit no more');
  t.same(ensemble.events, ['kill 1', 'kill 2', 'kill 3', 'restart 1', 'restart 2', 'restart 3']);
});

await t.test('a minority stays broken, and the others serve', async (t) => {
  const { ensemble, field } = await scene(t, 5);
  const record = await runPlan(
    planWith([], { fault: 'kill-minority', params: { pick: 3 }, forMs: 10 }),
    field,
  );
  t.same(ensemble.events, ['kill 4', 'kill 5', 'restart 4', 'restart 5']);
  t.ok(Number(record.quorumServedAfterMs) > 0);
  t.match(record.steps, [{ index: null, outcome: 'proven', serverIds: [4, 5] }]);
  t.match(record.steps[0]?.evidence[1], /^servers 1, 2, 3 served without them after \d+ ms$/);
});

await t.test('others that do not serve without a minority are a failure, and it is healed', async (t) => {
  const { ensemble, field } = await scene(t);
  const run = runPlan(
    planWith([], { fault: 'pause-minority', params: { pick: 2 }, forMs: 10, serveWithinMs: 100 }),
    field,
    ({ injectedAtMs }) => (ensemble.isStuck = injectedAtMs !== null),
  );
  await t.rejects(run, {
    name: 'EnsembleError',
    message: /^servers 1, 2 are a quorum, and after 100 ms none of them leads; the end of 1\.log/,
  });
  t.same(ensemble.events, ['pause 3', 'resume 3']);
});

await t.test(
  'a fault without effect is told, the rest is played, and nobody may say that it has passed',
  async (t) => {
    const { ensemble, field } = await scene(t);
    ensemble.pause = async () => {};
    const plan = planWith([
      { atMs: 0, fault: 'pause-leader', forMs: 10 },
      { atMs: 100, fault: 'kill-leader', forMs: 10 },
    ]);
    const record = await runPlan(plan, field);
    t.match(record.steps, [
      { outcome: 'no-effect', why: /^took no effect: server 3 does not hold still/, provenAtMs: null },
      { outcome: 'proven' },
    ]);
    t.match(whyUnproven(record), /^leader paused \(server 3\): took no effect/);
  },
);

await t.test('what cannot be healed is told', async (t) => {
  const { ensemble, field, abort } = await scene(t);
  ensemble.resume = async () => {};
  const steps: StepRecord[] = [];
  const run = runPlan(planWith([{ atMs: 0, fault: 'pause-follower', forMs: 1 }]), field, (step) => {
    steps.push(step);
    if (step.outcome === 'not-healed') abort();
  });
  t.match(whyUnproven(await run), /^follower paused \(server 1\): took no effect: server 1 does not go on/);
});

await t.test('a run that ends takes back what would outlive it, and waits for nothing', async (t) => {
  const { ensemble, field, abort } = await scene(t);
  const plan = planWith([
    { atMs: 0, fault: 'pause-leader', forMs: 3_600_000 },
    { atMs: 3_600_000, fault: 'kill-leader', forMs: 1 },
  ]);
  const record = await runPlan(plan, field, ({ provenAtMs }) => provenAtMs !== null && abort());
  t.same(ensemble.events, ['pause 3', 'resume 3']);
  t.match(record, { convergence: null, steps: [{ fault: 'pause-leader' }, { outcome: 'not-reached' }] });
});

await t.test('an error in one step ends the others, and takes back what they did', async (t) => {
  const { ensemble, field } = await scene(t);
  ensemble.restart = () => Promise.reject(new Error('does not come up'));
  const plan = planWith([
    { atMs: 0, fault: 'pause-leader', forMs: 3_600_000 },
    { atMs: 50, fault: 'kill-follower', forMs: 1 },
  ]);
  await t.rejects(runPlan(plan, field), { message: 'does not come up' });
  t.same(ensemble.events.at(-1), 'resume 3');
});

await t.test('a disk is damaged only when nothing else is wrong', async (t) => {
  const battlefield = await Battlefield.start(t.testdir());
  t.teardown(() => battlefield.stop());
  await battlefield.untilWhole();
  const plan = planWith([
    { atMs: 0, fault: 'pause-follower', forMs: 600 },
    { atMs: 100, fault: 'replace-member', forMs: 10 },
    { atMs: 200, fault: 'slow-flush', params: { delayMs: 20 }, forMs: 100 },
  ]);
  const { steps } = await runPlan(plan, battlefield.field);
  const [paused, replaced, slowed] = steps as [StepRecord, StepRecord, StepRecord];
  t.same(
    steps.map(({ outcome }) => outcome),
    ['proven', 'proven', 'proven'],
  );
  t.ok(Number(replaced.injectedAtMs) >= Number(paused.healProvenAtMs), 'it waits for its turn');
  t.ok(Number(slowed.injectedAtMs) < Number(paused.healProvenAtMs), 'what is slow takes nothing away');

  await t.test('a drawn plan leaves nothing behind', async (t) => {
    const faults = [...FAULTS.values()].filter(
      ({ lasts, needs }) => lasts.maxMs <= 6_000 && needs.network !== true,
    );
    const drawn = drawPlan({ seed: 11, durationMs: 6_000, faults, voters: [1, 2, 3], meanGapMs: 700 });
    const record = await runPlan(drawn, battlefield.field);
    t.ok(record.steps.length >= 4, `${record.steps.length} steps`);
    t.equal(whyUnproven(record), null);
    t.ok(record.steps.every(({ outcome }) => outcome === 'proven'));
    t.match(record.convergence, /^3 servers serve, /);
    t.ok(Number(record.quorumServedAfterMs) > 0);
    for (const { id } of battlefield.ensemble.servers) {
      t.equal(battlefield.ensemble.processState(id).state, 'running');
      t.ok(battlefield.field.holds.isFree(id));
    }
  });
  // Before the directory goes, which is while they still write to it.
  await battlefield.stop();
});
