import t from 'tap';
import type { SimNode } from './sim-node.ts';
import { Scenario, type ScenarioOptions, TICK_MS } from './testing/scenario.ts';

// Every step a server takes on its disk while it finds its place behind a leader, or in front: the power is cut
// between any two of them, the server starts again on a disk as it could be found, and whoever is there then elects.
// Nothing committed may be missing, and the ensemble must come to one state (reliability, end of §2).

/** Each brings other txns, and another disk out of each power cut. */
const SEEDS = Array.from({ length: 20 }, (_, i) => i + 1);
const IMAGES = Number(process.env['STAMPEDE_SIM_IMAGES'] ?? 1);

/** Brings an ensemble to the point from which the disk's steps are counted. Null if it could not. */
type Prepare = (scenario: Scenario) => { readonly victim: SimNode; readonly begin: () => void } | null;

interface Case {
  readonly name: string;
  readonly limits: NonNullable<ScenarioOptions['limits']>;
  readonly prepare: Prepare;
  /** What must have happened when it has come to its end, or the case tests something else than it says. */
  readonly mark: string;
  readonly role: string;
}

const prepareDiff: Prepare = (scenario) => {
  if (!scenario.write(20)) return null;
  const victim = scenario.nodes.find((node) => node !== scenario.leader());
  if (victim === undefined) return null;
  victim.kill();
  return scenario.write(20) ? { victim, begin: () => victim.start() } : null;
};

/** It leads alone with its clients for a moment, and what it takes from them nobody else has. */
const prepareTrunc: Prepare = (scenario) => {
  if (!scenario.write(20)) return null;
  const victim = scenario.leader();
  if (victim === undefined) return null;
  const rest = scenario.others(victim);
  scenario.part([victim], rest, true);
  scenario.waitFor(() => false, 2 * TICK_MS);
  victim.kill();
  // Nobody asks the new one for anything: what the victim has is then at the end, and not in the middle.
  scenario.rest(true);
  if (!scenario.waitFor(() => rest.some((node) => node === scenario.leader()))) return null;
  return {
    victim,
    begin: () => {
      scenario.part([victim], rest, false);
      victim.start();
    },
  };
};

/** The others have begun anew from snapshots that are behind the end of its log. */
const prepareSnap: Prepare = (scenario) => {
  const first = prepareDiff(scenario);
  if (first === null || !scenario.write(60)) return null;
  for (const node of scenario.others(first.victim)) {
    node.kill();
    node.start();
  }
  return scenario.write(3) ? first : null;
};

/** It is about to lead: whoever led before is gone. */
const prepareLead: Prepare = (scenario) => {
  if (!scenario.write(20)) return null;
  const leader = scenario.leader();
  if (leader === undefined) return null;
  const victim = scenario.others(leader).sort((x, y) => y.id - x.id)[0];
  if (victim === undefined) return null;
  return { victim, begin: () => leader.kill() };
};

const CASES: readonly Case[] = [
  { name: 'DIFF', limits: {}, prepare: prepareDiff, mark: 'sync DIFF', role: 'following' },
  { name: 'TRUNC', limits: {}, prepare: prepareTrunc, mark: 'sync TRUNC', role: 'following' },
  {
    name: 'SNAP',
    limits: { snapCount: 10, commitLogCount: 1 },
    prepare: prepareSnap,
    mark: 'sync SNAP',
    role: 'following',
  },
  { name: 'leading', limits: {}, prepare: prepareLead, mark: 'leader established', role: 'leading' },
];

/** Who is there when the victim has started again. */
const AFTERWARDS = ['all', 'without the leader', 'without the third'] as const;

/** How many steps the victim takes until it serves; null if the scenario did not come about. */
function stepsOf({ limits, prepare, mark, role }: Case, seed: number): number | null {
  const scenario = new Scenario(seed, { limits });
  const prepared = prepare(scenario);
  if (prepared === null) return null;
  const { victim, begin } = prepared;
  const before = scenario.count(mark);
  const cut = scenario.cutPowerAfter(victim, Infinity);
  begin();
  if (!scenario.waitFor(() => scenario.isServing(victim) && scenario.roleOf(victim) === role)) return null;
  return scenario.count(mark) > before ? cut.steps() : null;
}

function run({ limits, prepare }: Case, seed: number, steps: number, afterwards: string): string | null {
  const scenario = new Scenario(seed, { limits });
  const prepared = prepare(scenario);
  if (prepared === null) return scenario.violation?.message ?? 'the scenario did not come about';
  const { victim, begin } = prepared;
  const cut = scenario.cutPowerAfter(victim, steps);
  begin();
  scenario.waitFor(() => cut.hasHappened());
  if (!cut.hasHappened()) return scenario.violation?.message ?? null;
  victim.diskFaults = () => null;

  const leader = scenario.leader();
  const gone =
    afterwards === 'all'
      ? undefined
      : afterwards === 'without the leader'
        ? leader
        : scenario.others(victim).find((node) => node !== leader);
  gone?.kill();
  for (const node of scenario.nodes) if (node !== gone) node.start();
  const there = scenario.nodes.filter((node) => node !== gone);
  scenario.rest(false);
  const isWhole =
    scenario.waitFor(() => there.every((node) => scenario.isServing(node))) && scenario.write(3);
  if (scenario.violation !== null) return `${scenario.violation.property}: ${scenario.violation.message}`;
  return isWhole ? null : `servers ${there.map(({ id }) => id).join(' ')} do not come to work again`;
}

for (const each of CASES) {
  await t.test(`${each.name}: a power cut between any two steps loses nothing committed`, async (t) => {
    const seeds = SEEDS.filter((seed) => stepsOf(each, seed) !== null).slice(0, IMAGES);
    if (seeds.length === 0) {
      t.fail('the scenario did not come about');
      return;
    }
    let fault: string | null = null;
    let runs = 0;
    for (const seed of seeds) {
      const steps = stepsOf(each, seed) ?? 0;
      t.comment(`seed ${seed}: ${steps} steps`);
      for (let step = 0; step <= steps && fault === null; step++) {
        const afterwards = AFTERWARDS[(step + seed) % AFTERWARDS.length] ?? 'all';
        fault = run(each, seed, step, afterwards);
        runs++;
        if (fault !== null) t.comment(`seed ${seed}, step ${step}, ${afterwards}: ${fault}`);
      }
    }
    t.equal(fault, null);
    t.comment(`${runs} runs`);
  });
}
