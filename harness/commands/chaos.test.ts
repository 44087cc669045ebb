import { readdirSync, readFileSync, truncateSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { parseReport } from '../history/report-parse.ts';
import {
  readRunFile,
  serverDirectory,
  serverIds,
  transcriptFiles,
  runDirectoryAt,
} from '../history/run-directory.ts';
import { type ChaosOptions, runChaos } from './chaos.ts';
import { UsageError } from './exit-code.ts';
import { CommandRun } from './testing/command-run.ts';

const QUICK = ['--set', 'tickTime=250', '--session-timeout', '1500', '--rate', '60'];

/** A small `chaos` as a child process, and what it has left. */
async function chaos(t: Test, ...args: readonly string[]) {
  const out = t.testdir();
  const command = new CommandRun(['chaos', ...QUICK, '--out', out, ...args], { isGroup: true });
  t.teardown(() => command.kill());
  const exitCode = await command.exitCode();
  const [name = ''] = readdirSync(out);
  const run = runDirectoryAt(join(out, name));
  return { exitCode, command, run, report: parseReport(readFileSync(run.reportJson, 'utf8')) };
}

const ordinary = await chaos(t, '--faults', 'kill-leader,kill-follower', '--time', '4', '--seed', '5');

await t.test('clients of servers that are killed are told nothing that is not so', async (t) => {
  const { exitCode, command, report } = ordinary;
  t.equal(exitCode, 0, command.stderr + command.stdout);
  t.match(report.verification, { verdict: 'valid' });
  t.same(
    report.verification?.checkers.map(({ name }) => name),
    ['client-contract', 'register', 'same-trees'],
  );
  t.ok(report.recoveries.length > 0);
  t.ok(report.totals.some(({ op, ok }) => op === 'setData' && ok > 20));
  t.match(report.identity.command, /^npm run chaos -- /);
});

await t.test('and it is on record how to play it again', async (t) => {
  const { main, config, faults = [] } = readRunFile(ordinary.run);
  t.match(main, /dist\/harness\/main\.js$/);
  t.match(config['run'], {
    workload: 'register',
    participants: 6,
    rate: 60,
    sessionTimeoutMs: 1500,
    timeS: 4,
    seed: 5,
    config: { tickTime: '250' },
    probes: { ratePerSecond: 25 },
  });
  t.equal(faults.length, ordinary.report.recoveries.length);
  t.ok(
    faults.every(({ params }) => Number(params['pick']) > 0 && 'againAfterMs' in params),
    { faults },
  );
  t.ok(faults.some(({ forMs }) => Number(forMs) > 0));
});

await t.test('and a run can be judged again: what the servers have lost since is missed', async (t) => {
  const { run } = ordinary;
  const verify = async (): Promise<number | null> => new CommandRun(['verify', run.path]).exitCode();
  t.equal(await verify(), 0);
  for (const id of serverIds(run)) {
    const directory = join(serverDirectory(run, id).data, 'version-2');
    const logs = readdirSync(directory).filter((name) => name.startsWith('log.'));
    const newest = logs.sort((a, b) => parseInt(a.slice(4), 16) - parseInt(b.slice(4), 16)).at(-1) ?? '';
    truncateSync(join(directory, newest), 1000);
  }
  t.equal(await verify(), 100, 'acknowledged writes are in no log');
  const [transcript = ''] = transcriptFiles(run);
  truncateSync(transcript, 4);
  t.equal(await verify(), 2, 'what is no transcript can not be judged');
  t.ok(statSync(transcript).size === 4);
});

await t.test('what there is not is refused before anything is started', async (t) => {
  const options: ChaosOptions = {
    workload: 'register',
    faults: undefined,
    timeS: 1,
    seed: 1,
    participants: undefined,
    rate: undefined,
    sessionTimeoutMs: 4000,
    target: undefined,
    servers: undefined,
    probes: null,
    config: {},
    apacheClasspath: undefined,
    runsDirectory: t.testdir(),
    command: ['chaos'],
  };
  const refusal = async (other: Partial<ChaosOptions>): Promise<string> => {
    try {
      await runChaos({ ...options, ...other });
      return 'accepted';
    } catch (error) {
      if (error instanceof UsageError) return error.message;
      throw error;
    }
  };
  t.match(await refusal({ workload: 'registar' }), /--workload registar: .*give one of .*register/);
  t.match(await refusal({ faults: ['kill-leadr'] }), /--faults kill-leadr: .*kill-leader/);
  t.match(
    await refusal({ faults: ['kill-leader'], servers: '1' }),
    /kill-leader needs at least 2 servers, and there is 1; say/,
  );
  t.match(
    await refusal({ faults: ['kill-leader'], target: '127.0.0.1:1' }),
    /the servers of this target are not ours to break/,
  );
  t.match(
    await refusal({ workload: 'everything', target: '127.0.0.1:1' }),
    /it is judged by the servers' logs/,
  );
  t.same(readdirSync(options.runsDirectory), []);
});
