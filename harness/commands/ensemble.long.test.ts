import { existsSync, readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { SMALL_JVM_FLAGS } from '../ensemble/apache.ts';
import { findApache } from '../ensemble/find-apache.ts';
import { finalTreesSchema } from '../history/final-trees.ts';
import { BenchRun } from './testing/bench-run.ts';

const search = findApache();
const skip = search.found ? false : search.why;
const env = { SERVER_JVMFLAGS: SMALL_JVM_FLAGS.join(' ') };
/** Three servers that notice each other's silence after a second. */
const PATIENCE = ['--set', 'tickTime=250', '--set', 'syncLimit=4'];
const THREE = ['--target', 'apache', '--servers', '3', ...PATIENCE];
/** As much as shows that it works, on a machine that may do other things. */
const LIGHT = ['--keys', '100', '--depth', '2'];

function bench(t: Test, ...args: readonly string[]): BenchRun {
  const command = new BenchRun(t.testdir(), [...THREE, ...LIGHT, ...args], { env, isGroup: true });
  t.teardown(() => command.kill());
  return command;
}

for (const { who, target, skip } of [
  // Nothing is said of servers: three of ours are what a newcomer gets.
  { who: 'ours', target: PATIENCE, skip: false },
  { who: "Apache's", target: THREE, skip: search.found ? false : search.why },
  {
    who: 'both kinds',
    target: ['--servers', 'ours,apache,ours', ...PATIENCE],
    skip: search.found ? false : search.why,
  },
]) {
  await t.test(
    `the leader of three of ${who} is killed under load, twice, and the history is valid`,
    { skip },
    async (t) => {
      const args = [
        ...target,
        ...LIGHT,
        '--fault',
        'kill-leader',
        '--rounds',
        '2',
        '--duration',
        '1',
        '--seed',
        '3',
      ];
      const command = new BenchRun(t.testdir(), args, { env, isGroup: true });
      t.teardown(() => command.kill());
      t.equal(await command.exitCode(), 0, command.stderr);
      const { report, run } = command;
      t.match(report.verification, { verdict: 'valid' });
      t.same(
        report.verification?.checkers.map(({ name }) => name),
        ['completeness', 'zxid-order', 'durability', 'linearizability', 'same-trees'],
      );
      t.same(report.target?.servers.map(({ role }) => role).filter((role) => role === 'leader').length, 1);
      t.equal(report.recoveries.length, 2);
      for (const recovery of report.recoveries) {
        const { killedAtMs, electedAtMs, restartedAtMs, rejoinedAtMs, writeGapMs } = recovery;
        const inOrder = [killedAtMs, electedAtMs, restartedAtMs, rejoinedAtMs].map(Number);
        t.same(
          inOrder,
          inOrder.toSorted((a, b) => a - b),
          'killed, elected, started again, all serve',
        );
        t.match(recovery, {
          kind: 'kill-leader',
          fault: /^leader killed \(server [123]\)$/,
          resolutionMs: 10,
        });
        t.ok(Number(writeGapMs) > 0 && Number(writeGapMs) < Number(report.identity.durationMs));
      }
      t.match(report.recoverySummaries, [{ kind: 'kill-leader', rounds: 2, electionMs: { rounds: 2 } }]);
      t.match(command.stdout, /kill-leader, 2 rounds/);
      const trees = finalTreesSchema.parse(JSON.parse(readFileSync(run.treesFile, 'utf8')));
      t.equal(new Set(trees.servers.map(({ digest }) => digest)).size, 1);
      t.ok(trees.nodes > 100);
      t.same(await command.leftRunning(), []);
    },
  );
}

await t.test(
  'all three are replaced one by one under load, and the history is valid',
  { skip },
  async (t) => {
    const kinds = ['--from', 'apache', '--to', 'apache', '--one-way', '--connections', '4'];
    const args = [...THREE.slice(4), ...LIGHT, ...kinds];
    const command = new BenchRun(t.testdir(), args, { env, isGroup: true }, 'migrate');
    t.teardown(() => command.kill());
    t.equal(await command.exitCode(), 0, command.stderr);
    const { report } = command;
    t.match(report.identity.command, /^npm run migrate -- /);
    t.equal(report.verification?.verdict, 'valid');
    t.equal(report.recoveries.length, 3);
    t.ok(
      report.recoveries.every(({ fault, rejoinedAtMs }) => / → apache /.test(fault) && rejoinedAtMs !== null),
    );
    t.match(report.verdict?.sentence, /across 3 replacements/);
    t.same(await command.leftRunning(), []);
  },
);

await t.test(
  'interrupted while the leader is paused, it leaves a partial report and nothing else',
  { skip },
  async (t) => {
    const command = bench(t, '--fault', 'pause-leader', '--rounds', '50', '--duration', '3600');
    await command.untilPrinted(/ measure /);
    await command.untilPrinted(/1 of 50: leader paused/);
    // A round is 1 s and more of a pause, and the next one begins within a second.
    process.kill(-command.pid, 'SIGINT');
    t.equal(await command.exitCode(), 130);
    t.equal(command.stderr, '');
    t.match(command.report, { identity: { status: 'interrupted' }, verdict: { exitCode: 130 } });
    t.ok(command.report.recoveries.length >= 1);
    t.ok(existsSync(command.run.reportHtml));
    t.same(await command.leftRunning(), []);
  },
);

await t.test(
  'interrupted while the servers start, it leaves a partial report and nothing else',
  { skip },
  async (t) => {
    const command = bench(t, '--duration', '3600');
    await command.untilPrinted(/stampede bench: /);
    process.kill(-command.pid, 'SIGTERM');
    t.equal(await command.exitCode(), 143);
    t.equal(command.stderr, '');
    t.match(command.report, { identity: { status: 'interrupted' }, verdict: { exitCode: 143 } });
  },
);
