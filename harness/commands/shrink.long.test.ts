import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import type { RunDirectory } from '../history/run-directory.ts';
import { parsePlan, type Plan, type PlanDocument } from '../nemesis/plan/plan.ts';
import { readPlanFile } from '../nemesis/plan/read-plan.ts';
import { CommandRun } from './testing/command-run.ts';
import { storedRun, playedBy, scriptedMain } from './testing/scripted-chaos.ts';

const SETTINGS = { workload: 'register', participants: 6, timeS: 10, seed: 4, probes: null };
const FIVE = ['kill-follower', 'kill-leader', 'pause-leader', 'clock-skew', 'pause-follower'];

function planOf(faults: readonly string[]): Plan {
  const steps = faults.map((fault, i) => ({ atMs: 600 * i, fault, forMs: 400 }));
  const parsed = parsePlan({ schema: 'stampede.plan/1', steps });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.plan;
}

/** Shrinks it until it is through, and looks at what that has left. */
async function shrunk(t: Test, run: RunDirectory, ...flags: readonly string[]) {
  const command = new CommandRun(['shrink', run.path, ...flags]);
  t.teardown(() => command.kill());
  const exitCode = await command.exitCode();
  return { exitCode, command, ...leftIn(run) };
}

function leftIn(run: RunDirectory): { readonly text: string; readonly document: PlanDocument } {
  const file = join(run.path, 'plan.yaml');
  return { text: readFileSync(file, 'utf8'), document: readPlanFile(file) };
}

function faultsIn({ plan }: PlanDocument): string[] {
  return plan.steps.map(({ fault }) => fault);
}

const TWO_AND_TWO = `({ faults, run }) =>
  faults.includes('kill-leader') && faults.includes('clock-skew') && run.participants >= 2 ? 'lost update' : 'nothing'`;

await t.test('a run is shrunk to the faults and clients that it takes, and that is a file', async (t) => {
  const directory = t.testdir();
  const main = scriptedMain(directory, TWO_AND_TWO);
  const run = storedRun(directory, { main, plan: planOf(FIVE), settings: SETTINGS });
  const { exitCode, command, text, document } = await shrunk(t, run, '--tries', '2');
  t.equal(exitCode, 0, command.stderr);
  t.same(faultsIn(document), ['kill-leader', 'clock-skew']);
  t.match(document.run, { ...SETTINGS, participants: 2, timeS: /^0\.\d+$/ });
  t.match(text, /^# register: lost update: it is seen here\n# From .*; it failed in 3 of 3 tries\. Again:\n/);
  t.match(text, `# npm run chaos -- --plan ${join(run.path, 'plan.yaml')}\n`);
  t.match(command.stdout, /no fault; 6 clients; \d+\.\d s: failed in 0 of 2 tries\n/);
  t.match(command.stdout, /\n→ kill-leader, clock-skew; 2 clients; 0\.\d s\n/);
  t.match(command.stdout, `again: node ${main} chaos --plan ${join(run.path, 'plan.yaml')}\n`);
  const kept = /^seen in (.*)$/m.exec(command.stdout)?.[1] ?? '';
  t.same(readdirSync(dirname(kept)).length, 1, 'of all runs that were played one is left');
  t.equal(readdirSync(kept).includes('report.json'), true);
  const played = playedBy(main);
  t.match(played[1]?.run.timeS, 4, 'what came after it was seen');
  t.equal(played.length, Number(/in (\d+) tries/.exec(command.stdout)?.[1]));
});

await t.test('what fails only now and then is tried as often as told', async (t) => {
  const directory = t.testdir();
  const main = scriptedMain(
    directory,
    `({ faults }, before) => before % 3 === 2 && faults.includes('pause-leader') ? 'lost update' : 'nothing'`,
  );
  const settings = { ...SETTINGS, participants: 1, timeS: 0.2 };
  const plan = planOf(['pause-leader', 'kill-leader']);
  const run = storedRun(directory, { main, plan, settings });
  const { exitCode, command, text, document } = await shrunk(t, run);
  t.equal(exitCode, 0, command.stderr);
  t.same(faultsIn(document), ['pause-leader']);
  t.match(command.stdout, /pause-leader, kill-leader; 1 client; 1\.0 s: failed in 1 of 3 tries\n/);
  t.match(text, /it failed in 2 of 6 tries\./);
});

await t.test('what does not fail again stays as it was, and that has a code of its own', async (t) => {
  for (const other of ['nothing', 'stale read']) {
    const directory = t.testdir();
    const main = scriptedMain(directory, `() => '${other}'`);
    const run = storedRun(directory, { main, plan: planOf(FIVE), settings: SETTINGS });
    const { exitCode, command, text, document } = await shrunk(t, run, '--tries', '2');
    t.equal(exitCode, 103, command.stderr);
    t.match(command.stdout, /It did not fail again, and so is not made smaller\. .* --tries 2\./);
    t.match(text, /; it failed in 0 of 2 tries( \(exit code 100\))?\. Again:\n/);
    t.same(faultsIn(document), FIVE);
    t.match(document.run, SETTINGS);
    t.equal(playedBy(main).length, 2);
    t.same(
      readdirSync(run.path).filter((name) => name.startsWith('shrink')),
      [],
      'no run is left',
    );
  }
});

const ENDLESS_WITH_ONE = `({ faults }) =>
  faults.length === 1 ? 'endless' : faults.includes('clock-skew') ? 'lost update' : 'nothing'`;
const THREE = ['pause-leader', 'clock-skew', 'pause-follower'];

await t.test('interrupted it leaves the smallest so far', async (t) => {
  const directory = t.testdir();
  const main = scriptedMain(directory, ENDLESS_WITH_ONE);
  const run = storedRun(directory, { main, plan: planOf(FIVE), settings: SETTINGS });
  const command = new CommandRun(['shrink', run.path]);
  t.teardown(() => command.kill());
  await command.untilPrinted(/ {2}pause-leader, clock-skew, pause-follower; .*: failed in 1 of 1 try\n/);
  command.child.kill('SIGINT');
  t.equal(await command.exitCode(), 130);
  const { text, document } = leftIn(run);
  t.same(faultsIn(document), THREE);
  t.match(text, /it failed in 1 of 1 try\./);
  t.match(command.stdout, /That was not all: .*\n/);
  t.match(command.stdout, /\nplan: {2}.*plan\.yaml\n/);
});

await t.test('and so does the end of its time', async (t) => {
  const directory = t.testdir();
  const main = scriptedMain(directory, `(_, before) => (before === 0 ? 'lost update' : 'endless')`);
  const run = storedRun(directory, { main, plan: planOf(FIVE), settings: SETTINGS });
  const { exitCode, command, text, document } = await shrunk(t, run, '--minutes', '0.1');
  t.equal(exitCode, 0, command.stderr);
  t.same(faultsIn(document), FIVE);
  t.match(text, /it failed in 1 of 1 try\./);
  t.match(command.stdout, /That was not all: with more --minutes/);
});

await t.test('what has had no time to fail again has not been shown to fail', async (t) => {
  const directory = t.testdir();
  const main = scriptedMain(directory, `() => 'endless'`);
  const run = storedRun(directory, { main, plan: planOf(FIVE), settings: SETTINGS });
  const { exitCode, command, text } = await shrunk(t, run, '--minutes', '0.02');
  t.equal(exitCode, 103, command.stderr);
  t.match(command.stdout, /It had not failed again when it was ended \(--minutes 0\.02\)/);
  t.match(text, /; it was not played again yet\. Again:\n/);
});

await t.test('faults that came one after the other are a plan, too', async (t) => {
  const directory = t.testdir();
  const main = scriptedMain(
    directory,
    `({ faults }) => faults.includes('replace-member') ? 'lost update' : 'nothing'`,
  );
  const faults = [
    { atMs: 100.4, fault: 'replace-member', params: { pick: 3 }, forMs: null },
    { atMs: 900.6, fault: 'kill-leader', params: { againAfterMs: 70 }, forMs: 60.2 },
  ];
  const run = storedRun(directory, { main, faults, settings: SETTINGS });
  const { exitCode, command, document } = await shrunk(t, run, '--tries', '1');
  t.equal(exitCode, 0, command.stderr);
  t.match(document.plan.steps, [{ fault: 'replace-member', params: { pick: 3 } }]);
  t.match(playedBy(main)[0]?.faults, ['replace-member', 'kill-leader']);
});

await t.test('what is no such run is refused', async (t) => {
  const directory = t.testdir();
  const main = scriptedMain(directory, `() => 'nothing'`);
  const refusal = async (run: RunDirectory): Promise<string> => {
    const command = new CommandRun(['shrink', run.path]);
    t.equal(await command.exitCode(), 2);
    t.notOk(readdirSync(run.path).includes('plan.yaml'), 'nothing is begun');
    return command.stderr;
  };
  t.match(
    await refusal(storedRun(directory, { main, settings: SETTINGS, outcome: 'nothing' })),
    /has nothing to shrink: The sentence of its report\. Give a run that ended with 100\n/,
  );
  t.match(
    await refusal(storedRun(directory, { main, command: ['bench'] })),
    /is a run of bench; give one of chaos\n/,
  );
  t.match(
    await refusal(storedRun(directory, { main })),
    /run\.json does not say who played it.* run it once more/,
  );
});
