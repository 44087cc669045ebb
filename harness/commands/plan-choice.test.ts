import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Plan } from '../nemesis/plan/plan.ts';
import { UsageError } from './exit-code.ts';
import { choosePlan as choose, faultsIn, planSourceOf } from './plan-choice.ts';
import type { TargetPlan } from './target.ts';

function targetOf(program: string, canCrash = true): TargetPlan {
  const servers = [1, 2, 3].map((id) => ({
    id,
    program,
    isObserver: false,
    takesPreload: program === 'stampede',
  }));
  return { name: 'zk1:2181', canCrash, field: { servers, config: {} } } as unknown as TargetPlan;
}

function choosePlan(text: string, options: Parameters<typeof choose>[1]): Plan {
  return choose(planSourceOf(text), options);
}

const OPTIONS = { target: targetOf('stampede'), seed: 3, durationMs: 60_000 };

await t.test('a plan is a schedule in words, a file, or drawn from the seed', async (t) => {
  t.equal(choosePlan('kill-leader every 20 s', OPTIONS).steps.length, 2);
  const file = join(t.testdir(), 'a plan.json');
  writeFileSync(file, JSON.stringify(choosePlan('kill-all at 7 s', OPTIONS)));
  t.match(choosePlan(file, OPTIONS).steps, [{ atMs: 7_000, fault: 'kill-all' }]);
  t.same(choosePlan('drawn', OPTIONS), choosePlan('drawn', OPTIONS));
});

await t.test('what is drawn is what the servers can have', async (t) => {
  for (let seed = 0; seed < 50; seed++) {
    const plan = choosePlan('drawn', { ...OPTIONS, target: targetOf('apache 3.8.0'), seed });
    t.same(
      faultsIn(plan).filter(({ needs }) => needs.preload === true),
      [],
      `seed ${seed}`,
    );
  }
});

await t.test('what cannot be is refused, with what would be right', async (t) => {
  const refuses = (text: string, message: RegExp, target = OPTIONS.target): unknown =>
    t.throws(() => choosePlan(text, { ...OPTIONS, target }), { name: UsageError.name, message });
  refuses('kill-king at 3 s', /^--plan kill-king at 3 s: .*there is no fault "kill-king"; give one of/);
  refuses('nowhere.yaml', /^--plan nowhere\.yaml: nowhere\.yaml cannot be read .*; name a file with a plan/);
  refuses(
    'disk-full at 3 s',
    /unavailable: disk-full acts inside .* server 1 is apache 3\.8\.0/,
    targetOf('apache 3.8.0'),
  );
  const nothing = join(t.testdir(), 'nothing.yaml');
  writeFileSync(nothing, 'schema: stampede.plan/1\nsteps: []\n');
  t.same(
    choosePlan(nothing, { ...OPTIONS, target: targetOf('', false) }).steps,
    [],
    'nothing can be had by all',
  );
  refuses('drawn', /the servers of --target zk1:2181 are not this run's to break/, targetOf('', false));
});
