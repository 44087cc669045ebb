import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { BenchRun } from './testing/bench-run.ts';
import { CommandRun, type CommandRunOptions, isListening, untilGone } from './testing/command-run.ts';

// Most of the time each of them waits, so they run at the same time.
t.jobs = 4;
const tests: Promise<unknown>[] = [];

function test(title: string, body: (t: Test) => Promise<void>): void {
  tests.push(t.test(title, { buffered: true }, body));
}

function bench(t: Test, args: readonly string[], options?: CommandRunOptions): BenchRun {
  const command = new BenchRun(t.testdir(), ['--servers', '1', ...args], options);
  t.teardown(() => command.kill());
  return command;
}

for (const [signal, exitCode] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} ends a run with ${exitCode} and a report of what there was`, async (t) => {
    const command = bench(t, ['--duration', '3600'], { isGroup: true });
    await command.untilPrinted(/ measure /);
    // As a terminal and many a supervisor do it: to the whole group.
    process.kill(-command.pid, signal);
    t.equal(await command.exitCode(), exitCode);
    const { run, report } = command;
    t.equal(
      command.stderr,
      '',
      'no stack trace, and no word of a generator or a server that was hit as well',
    );
    t.match(command.stdout, new RegExp(`^${signal}: ending the load`, 'm'));
    t.equal(command.lastLine, `report: ${run.reportHtml}`);
    t.match(report, { identity: { status: 'interrupted' }, verdict: { passed: false, exitCode } });
    t.ok(
      report.totals.some(({ phase, op, ok }) => phase === 'measure' && op === 'all' && ok > 0),
      'what was measured until then is in it',
    );
    t.same(
      report.totals.filter(({ phase }) => phase === 'measure').flatMap(({ errors }) => Object.keys(errors)),
      [],
      'and the interruption itself was nobody’s error',
    );
    t.match(readFileSync(run.reportHtml, 'utf8'), /interrupted/i);
    t.same(await command.leftRunning(), []);
  });
}

test('a server that does not come back after the kill ends the run, with its own words', async (t) => {
  const command = bench(t, ['--duration', '3']);
  await command.untilPrinted(/ measure /);
  appendFileSync(join(command.run.serversDirectory, '1', 'zoo.cfg'), 'snapCount=few\n');
  t.equal(await command.exitCode(), 3);
  t.match(command.stderr, /exited while it was starting; the end of .*server\.log:/);
  t.match(command.stderr, /zoo\.cfg:\d+: snapCount=few: /);
  t.notMatch(command.stderr, /^\s+at /m, 'no stack trace');
  t.match(command.report, {
    identity: { status: 'interrupted' },
    verdict: { passed: false, exitCode: 3 },
  });
  t.same(await command.leftRunning(), []);
});

test('a run is ended by nobody who stops reading its output', async (t) => {
  const command = bench(t, ['--duration', '1', '--kills', '0']);
  await command.untilPrinted(/stampede bench/);
  command.child.stdout?.destroy();
  t.equal(await command.exitCode(), 0);
  t.equal(command.stderr, '');
  t.match(command.report, { verdict: { passed: true } });
});

test('an interruption does not wait until the tree is filled', async (t) => {
  const command = bench(t, ['--keys', '5000000']);
  await command.untilPrinted(/ prepare /);
  command.child.kill('SIGINT');
  t.equal(await command.exitCode(), 130);
  t.equal(command.stderr, '');
  t.match(command.report, { identity: { status: 'interrupted' }, verdict: { exitCode: 130 } });
  t.same(await command.leftRunning(), []);
});

test('a server that ends by itself ends the run, with its own words', async (t) => {
  const command = bench(t, ['--duration', '3600', '--kills', '0']);
  await command.untilPrinted(/ measure /);
  const server = [...command.descendants].find((pid) => commandOf(pid).includes('server/main.js'));
  if (server === undefined) throw new Error('the server was not seen');
  process.kill(server, 'SIGKILL');
  t.equal(await command.exitCode(), 3);
  t.match(
    command.stderr,
    /^The system under test has failed: .* ended by itself \(SIGKILL\); the end of .*server\.log:/,
  );
  t.notMatch(command.stderr, /^\s+at /m, 'no stack trace');
  t.match(command.report, { identity: { status: 'interrupted' }, verdict: { passed: false, exitCode: 3 } });
  t.same(await command.leftRunning(), []);
});

test('a run that is killed takes its server and its generators with it', async (t) => {
  const command = bench(t, ['--duration', '3600', '--generators', '2']);
  await command.untilPrinted(/ measure /);
  t.ok(command.descendants.size >= 3);
  t.equal(await isListening(command.clientPort), true);
  command.child.kill('SIGKILL');
  await untilGone([command.pid, ...command.descendants]);
  t.equal(await isListening(command.clientPort), false);
  t.equal(
    await new CommandRun(['report', command.run.path]).exitCode(),
    0,
    'what it left can still be drawn',
  );
});

await Promise.all(tests);

/** As it was started, its words divided by NUL. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
