import t from 'tap';
import { PLAN_SCHEMA, PlanError } from '../nemesis/plan/plan.ts';
import { readPlan } from '../nemesis/plan/read-plan.ts';
import { caseText, type ChaosCase, parseCase } from './chaos-case.ts';

const plan = readPlan(
  JSON.stringify({ schema: PLAN_SCHEMA, steps: [{ atMs: 10, fault: 'kill-leader', forMs: 20 }] }),
  'test',
);
const CASE: ChaosCase = {
  workload: 'lock',
  participants: 3,
  rate: 60,
  sessionTimeoutMs: 1500,
  timeS: 4,
  seed: 7,
  servers: '5',
  set: { tickTime: '250' },
  plan,
};

await t.test('what is written is read as it was, whatever stands on top', async (t) => {
  const text = caseText(CASE, ['npm run chaos', 'C5: something: "quoted" #1']);
  t.match(text, /^# npm run chaos\n# C5: something/);
  t.strictSame(parseCase(text, 'case.yaml'), CASE);
});

await t.test('what is no case is refused with where and why', async (t) => {
  const text = caseText(CASE, []);
  for (const [wrong, message] of [
    [text.replace('stampede.case/1', 'stampede.case/2'), /case\.yaml: schema: write stampede\.case\/1/],
    [text.replace('participants: 3', 'participants: none'), /case\.yaml: participants: /],
    [text.replace('rate: 60', 'rats: 60'), /rate|rats/],
    [text.replace('kill-leader', 'kill-nobody'), /case\.yaml: plan.*there is no fault "kill-nobody"/s],
    [text.replace('plan:', 'plan: ['), /case\.yaml: /],
  ] as const) {
    t.throws(() => parseCase(wrong, 'case.yaml'), { name: PlanError.name, message });
  }
});
