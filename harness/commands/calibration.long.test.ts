import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { SMALL_JVM_FLAGS } from '../ensemble/apache.ts';
import { findApache } from '../ensemble/find-apache.ts';
import { parseReport } from '../history/report-parse.ts';
import type { Report } from '../history/report-schema.ts';
import { runDirectoryAt } from '../history/run-directory.ts';
import { CommandRun } from './testing/command-run.ts';

/** Known to lose what it has acknowledged (ZOOKEEPER-4643, -4646, -4785); mended in 3.8.5 and 3.9.2. */
const LOSING = '3.8.0';
const RUNS_MAX = 5;

const search = findApache();
const skip = !search.found
  ? search.why
  : search.apache.version !== LOSING &&
    `it takes Apache ZooKeeper ${LOSING}, and this is ${search.apache.version}`;

async function broken(
  t: Test,
  ...target: readonly string[]
): Promise<{ exitCode: number | null; report: Report }> {
  const out = t.testdir();
  const args = ['chaos', '--faults', 'kill-in-synchronisation', '--rate', '100', '--time', '6', '--out', out];
  const env = { SERVER_JVMFLAGS: SMALL_JVM_FLAGS.join(' ') };
  const command = new CommandRun([...args, '--set', 'tickTime=500', ...target], { isGroup: true, env });
  t.teardown(() => command.kill());
  const exitCode = await command.exitCode();
  const [name = ''] = readdirSync(out);
  return { exitCode, report: parseReport(readFileSync(runDirectoryAt(join(out, name)).reportJson, 'utf8')) };
}

await t.test('a server that is known to lose acknowledged writes is found to', { skip }, async (t) => {
  for (let run = 1; run <= RUNS_MAX; run++) {
    const { exitCode, report } = await broken(t, '--target', 'apache');
    if (exitCode === 0) continue;
    t.equal(exitCode, 100);
    const found = report.verification?.checkers.flatMap(({ anomalies }) => anomalies) ?? [];
    t.ok(
      found.some(({ explanation }) => /is acknowledged, and nothing was committed there/.test(explanation)),
      found[0]?.explanation ?? 'nothing was found',
    );
    t.comment(`in run ${run}`);
    return;
  }
  t.fail(`not in ${RUNS_MAX} runs`);
});

await t.test('and ours, in the same way, is not', async (t) => {
  const { exitCode, report } = await broken(t);
  t.equal(exitCode, 0, report.verdict?.sentence ?? 'no verdict');
  t.ok(report.recoveries.length > 0);
});
