import t from 'tap';
import { FAULTS } from '../faults.ts';
import type { FieldFacts } from '../availability.ts';
import { drawPlan, type DrawOptions } from './draw-plan.ts';
import { faultOf, parsePlan, type Plan, PLAN_SCHEMA, type PlanStep } from './plan.ts';
import { canonicalJson, planHash } from './plan-hash.ts';
import { firstClash, putOff } from './fault-atlas.ts';
import { readPlan, refuseImpossible } from './read-plan.ts';
import { isSchedule, planOfSchedule } from './schedule.ts';
import { formatPlan } from './write-plan.ts';

const DURATION_MS = 60_000;
const AFTERMATH_MS = 2_000;

function drawn(seed: number, voterCount = 3, options: Partial<DrawOptions> = {}): Plan {
  const voters = Array.from({ length: voterCount }, (_, index) => index + 1);
  const faults = [...FAULTS.values()].filter(({ needs }) => needs.serversMin <= voterCount);
  return drawPlan({ seed, durationMs: DURATION_MS, faults, voters, meanGapMs: 1_500, ...options });
}

await t.test('a seed gives the same plan, byte for byte, and another seed another', async (t) => {
  const hashes = new Set<string>();
  for (let seed = 0; seed < 500; seed++) {
    const plan = drawn(seed);
    if (JSON.stringify(plan) !== JSON.stringify(drawn(seed))) t.fail(`seed ${seed}`);
    hashes.add(planHash(plan));
  }
  t.equal(hashes.size, 500);
});

/** What is wrong with the steps that are in force at that time, counted apart from the code that draws them. */
function wrongAt(plan: Plan, atMs: number, voters: number): string | null {
  const inForce = plan.steps.filter(
    (step) => step.atMs <= atMs && atMs < step.atMs + step.forMs + AFTERMATH_MS,
  );
  const minority = Math.ceil(voters / 2) - 1;
  const victims = (step: PlanStep): number => faultOf(step).victimsMax(voters, step.params);
  const total = (steps: readonly PlanStep[]): number => steps.reduce((sum, step) => sum + victims(step), 0);
  const damaging = inForce.filter((step) => faultOf(step).toll === 'disks');
  const taking = inForce.filter((step) => faultOf(step).toll !== 'nothing');
  if (damaging.length > 0 && total(taking) > minority) return 'a damaged disk, and too many away';
  if (taking.length > 1 && total(taking) > minority) return 'too many away';
  if (inForce.length > 2) return 'more than two at once';
  if (inForce.filter((step) => faultOf(step).exclusive === 'clock').length > 1) return 'two of clocks';
  return null;
}

await t.test('no drawn plan breaks the limits, whatever the seed', async (t) => {
  const seen = new Set<string>();
  let overlapping = 0;
  let steps = 0;
  for (let seed = 0; seed < 3_000; seed++) {
    const voters = 1 + (seed % 5);
    const plan = drawn(seed, voters);
    let beforeMs = 0;
    for (const step of plan.steps) {
      steps++;
      seen.add(step.fault);
      const wrong = wrongAt(plan, step.atMs, voters);
      if (wrong !== null) t.fail(`seed ${seed}, at ${step.atMs}: ${wrong}`);
      if (step.atMs < beforeMs) t.fail(`seed ${seed}: not in order of time`);
      if (step.atMs + step.forMs > DURATION_MS) t.fail(`seed ${seed}: is not over in time`);
      if (
        plan.steps.some(
          (other) => other !== step && other.atMs <= step.atMs && step.atMs < other.atMs + other.forMs,
        )
      )
        overlapping++;
      beforeMs = step.atMs;
    }
    const again = parsePlan(JSON.parse(JSON.stringify(plan)));
    if (!again.ok || canonicalJson(again.plan) !== canonicalJson(plan))
      t.fail(`seed ${seed}: is no document`);
  }
  t.same(
    [...FAULTS.keys()].filter((name) => !seen.has(name)),
    [],
    'every fault is drawn',
  );
  t.ok(overlapping > steps / 20, `${overlapping} of ${steps} begin while another is in force`);
});

await t.test('the hash is of what a plan says, not of how it is written', async (t) => {
  const a = { ...drawn(1), steps: [{ atMs: 1, fault: 'kill-all', params: { pick: 1 }, forMs: 5 }] };
  const b = { quorumAlone: a.quorumAlone, steps: a.steps, seed: a.seed, schema: a.schema };
  t.equal(planHash(a), planHash(b));
  t.not(planHash(a), planHash({ ...b, seed: 2 }));
  t.equal(canonicalJson({ b: [{ d: 1, c: null }], a: 'x' }), '{"a":"x","b":[{"c":null,"d":1}]}');
});

const YAML = `schema: ${PLAN_SCHEMA}
steps:
  - atMs: 500
    fault: slow-flush
    params: { target: 2, delayMs: 50 }
    forMs: 1000
  - atMs: 100
    fault: kill-leader
    forMs: 300
quorumAlone: { fault: pause-minority, forMs: 1000 }
`;

await t.test('a file is read, as YAML or JSON, in order of time and with everything filled in', async (t) => {
  const { plan, run } = readPlan(YAML, 'plan.yaml');
  t.equal(run, null);
  t.match(plan, {
    seed: null,
    steps: [
      { atMs: 100, fault: 'kill-leader', params: { pick: 0, againAfterMs: null }, forMs: 300 },
      { atMs: 500, fault: 'slow-flush', params: { target: 2, pick: 0, delayMs: 50 }, forMs: 1000 },
    ],
    quorumAlone: { fault: 'pause-minority', serveWithinMs: 60_000 },
  });
  t.same(readPlan(JSON.stringify(plan), 'plan.json').plan, plan);
});

const RUN = `
run:
  workload: lock
  participants: 3
  rate: 0.5
  sessionTimeoutMs: 1500
  timeS: 2.5
  seed: 7
  servers: 5
  config: { tickTime: 250, reconfigEnabled: true }
  probes: null
`;

await t.test('a file may say under what its plan is played, which is no part of the plan', async (t) => {
  const { plan, run } = readPlan(YAML + RUN, 'plan.yaml');
  t.same(run, {
    workload: 'lock',
    participants: 3,
    rate: 0.5,
    sessionTimeoutMs: 1500,
    timeS: 2.5,
    seed: 7,
    servers: '5',
    config: { tickTime: '250', reconfigEnabled: 'true' },
    probes: null,
  });
  t.same(plan, readPlan(YAML, 'plan.yaml').plan);
});

await t.test('what is written is read again, whatever stands in its comment', async (t) => {
  const read = readPlan(YAML + RUN, 'plan.yaml');
  const text = formatPlan(read, ['a # b: c', 'of\nseveral\r\u2028lines \u{1F600} \uD800', '']);
  t.match(text, /^# a # b: c\n# of\?several\?\?lines \u{1F600} \?\n/u);
  t.same(readPlan(text, 'plan.yaml'), read);
  const bare = { plan: drawn(3), run: null };
  t.same(readPlan(formatPlan(bare, []), 'plan.yaml'), bare);
});

const WRONG: readonly (readonly [what: string, text: string, message: RegExp])[] = [
  ['no plan', '7', /^p\.yaml:1:1: at the top: Invalid input: expected object/],
  ['another schema', YAML.replace('plan/1', 'plan/9'), /^p\.yaml:1:9: schema: write stampede\.plan\/1$/],
  ['broken text', 'steps: [', /^p\.yaml:1:\d+: /],
  [
    'a slip in a name',
    YAML.replace('kill-leader', 'kill-laeder'),
    /^p\.yaml:8:12: steps\.1\.fault: there is no fault "kill-laeder"; give one of kill-any, /,
  ],
  [
    'an unknown key',
    YAML.replace('forMs: 300', 'for: 300'),
    /^p\.yaml:7:5: steps\.1(\.forMs: Invalid input|: unknown for; leave it out)/,
  ],
  [
    'a parameter that is not the fault’s',
    YAML.replace('delayMs: 50', 'delay: 50'),
    /^p\.yaml:5:13: steps\.0\.params: unknown delay; leave it out, or correct its name$/,
  ],
  [
    'a target there is not',
    YAML.replace('target: 2', 'target: king'),
    /^p\.yaml:5:23: steps\.0\.params\.target: give leader, follower, observer, any, minority, majority, all, or the id of a server$/,
  ],
  [
    'an unknown setting',
    `${YAML}run: { workload: lock, clients: 3 }`,
    /^p\.yaml:11:6: run: unknown clients; leave it out, or correct its name$/,
  ],
  [
    'a setting that cannot be',
    `${YAML}run: { participants: 0 }`,
    /^p\.yaml:11:22: run\.participants: Too small/,
  ],
  ['a negative time', YAML.replace('atMs: 500', 'atMs: -5'), /^p\.yaml:3:11: steps\.0\.atMs: Too small/],
];

await t.test('what is wrong with a file is told by line and column, with what would be right', async (t) => {
  for (const [what, text, message] of WRONG) {
    t.throws(() => readPlan(text, 'p.yaml'), { name: 'PlanError', message }, what);
  }
  const twice = YAML.replace('kill-leader', 'x').replace('slow-flush', 'y');
  t.throws(() => readPlan(twice, 'p'), { message: /"y".*\n.*"x"/s }, 'all of it at once');
});

await t.test('a schedule in words is a plan', async (t) => {
  const options = { seed: 7, durationMs: 20_000, voters: [1, 2, 3] };
  const plan = planOfSchedule(
    'kill-leader every 5 s, slow-flush every 8 s for 500 ms, kill-all at 0.5 min',
    options,
  );
  t.same(
    plan.steps.map(({ atMs, fault }) => `${fault} ${atMs}`),
    [
      'kill-leader 5000',
      'slow-flush 8000',
      'kill-leader 10000',
      'kill-leader 15000',
      'slow-flush 16000',
      'kill-all 30000',
    ],
  );
  t.equal(plan.steps[1]?.forMs, 500);
  t.same(planOfSchedule('kill-leader every 5 s', options), planOfSchedule('kill-leader every 5 s', options));
  t.throws(() => planOfSchedule('kill-leader each 5 s', options), {
    message: /is no schedule; write "kill-leader every/,
  });
  t.throws(() => planOfSchedule('kill-king every 5 s', options), {
    message: /there is no fault "kill-king"/,
  });
  t.throws(() => planOfSchedule('kill-all every 0 s', options), { message: /give a time above 0/ });
  t.ok(isSchedule('kill-all at 3 s'));
  t.notOk(isSchedule('plans/at the end.yaml'));
});

function factsOf(programs: readonly string[], config: FieldFacts['config'] = {}): FieldFacts {
  return {
    config,
    servers: programs.map((program, index) => ({
      id: index + 1,
      program,
      isObserver: false,
      takesPreload: program === 'stampede',
    })),
  };
}

function planWith(...steps: readonly Partial<PlanStep>[]): Plan {
  const parsed = parsePlan({
    schema: PLAN_SCHEMA,
    steps: steps.map((step) => ({ atMs: 0, forMs: 1_000, ...step })),
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.plan;
}

await t.test('a plan that these servers cannot have is refused, and why', async (t) => {
  const ours = ['stampede', 'stampede', 'stampede'];
  const refuses = (plan: Plan, facts: FieldFacts, message: RegExp): unknown =>
    t.throws(() => refuseImpossible(plan, facts), { name: 'PlanError', message });
  const direct = [...FAULTS.values()].filter(({ needs }) => needs.network !== true);
  refuseImpossible(drawn(5, 3, { faults: direct }), factsOf(ours));
  refuses(
    planWith({ fault: 'latency' }, { fault: 'reconfig-out-and-in', atMs: 10_000 }),
    factsOf(ours),
    /\nlatency,reconfig-out-and-in: whoever changes the members .*; give them to two runs/,
  );
  refuses(
    planWith({ fault: 'slow-flush' }),
    factsOf(['stampede', 'apache 3.8.0', 'stampede']),
    /\nsteps\.0: unavailable: slow-flush acts inside of .* server 2 is apache 3\.8\.0; choose signals/,
  );
  refuses(
    planWith({ fault: 'kill-minority' }),
    factsOf(['stampede']),
    /needs at least 3 servers, and there is 1; say/,
  );
  refuses(
    planWith({ fault: 'reconfig-out-and-in' }),
    factsOf(ours, { reconfigEnabled: 'false' }),
    /reconfig-out-and-in needs reconfigEnabled=true, and it is false; leave that line out/,
  );
  refuses(
    planWith({ fault: 'replace-member' }, { fault: 'kill-follower', atMs: 500 }),
    factsOf(ours),
    /\nsteps\.1 \(at 500 ms\): 1 damaged disks with 2 servers away in all are more than the 1 of 3 .* could be lost; let the earlier/,
  );
  refuses(
    planWith({ fault: 'replace-member', params: { target: 'majority' } }),
    factsOf(ours),
    /2 damaged disks/,
  );
  refuses(
    planWith({ fault: 'clock-jump' }, { fault: 'clock-drift' }),
    factsOf(ours),
    /spoil each other's proofs/,
  );
  refuseImpossible(planWith({ fault: 'kill-all' }, { fault: 'pause-leader' }), factsOf(ours));
});

await t.test('steps that clash are put off until they do not, and no others', async (t) => {
  let moved = 0;
  for (let seed = 0; seed < 150; seed++) {
    const voters = 1 + (seed % 5);
    const plan = drawn(seed, voters);
    if (canonicalJson(putOff(plan.steps, voters)) !== canonicalJson(plan.steps))
      t.fail(`seed ${seed}: there was nothing to be put off`);
    const crowded = plan.steps.map((step) => ({ ...step, atMs: Math.round(step.atMs / 10) }));
    const apart = putOff(crowded, voters);
    const clash = firstClash(apart, voters);
    if (clash !== null) t.fail(`seed ${seed}: ${clash.why}`);
    for (const step of crowded) {
      const { atMs, ...rest } = step;
      const same = apart.filter(
        (other) => canonicalJson({ ...other, atMs }) === canonicalJson({ ...rest, atMs }),
      );
      if (!same.some((other) => other.atMs >= atMs)) t.fail(`seed ${seed}: ${step.fault} is gone`);
      if (!same.some((other) => other.atMs === atMs)) moved++;
    }
    if (apart.length !== crowded.length) t.fail(`seed ${seed}: ${apart.length} of ${crowded.length}`);
    if (firstClash(crowded, voters) === null && canonicalJson(apart) !== canonicalJson(crowded))
      t.fail(`seed ${seed}: nothing clashed`);
  }
  t.ok(moved > 50, `${moved} were put off`);
});
