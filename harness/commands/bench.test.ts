import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HistogramLogReader } from 'hdr-histogram-js';
import t, { type Test } from 'tap';
import type { History } from '../history/history.ts';
import { HistoryWriter } from '../history/history-writer.ts';
import { readHistory } from '../history/history-reader.ts';
import { NONE, type Op, Phase } from '../history/op.ts';
import { parseReport } from '../history/report-parse.ts';
import type { Report } from '../history/report-schema.ts';
import { historyFile, historyFiles, type RunDirectory, runDirectoryAt } from '../history/run-directory.ts';
import {
  CommandRun,
  type CommandRunOptions,
  isListening,
  isRunning,
  untilGone,
} from './testing/command-run.ts';

const SMALL = ['--warmup', '0.5', '--keys', '200', '--connections', '4', '--depth', '8'];

function bench(t: Test, args: readonly string[], options?: CommandRunOptions) {
  const out = t.testdir();
  const command = new CommandRun(['bench', ...SMALL, '--out', out, ...args], options);
  t.teardown(() => command.kill());
  return { command, run: () => onlyRunIn(out) };
}

function onlyRunIn(out: string): RunDirectory {
  const names = readdirSync(out);
  if (names.length !== 1) throw new Error(`${names.length} run directories`);
  return runDirectoryAt(join(out, names[0] ?? ''));
}

function reportOf(run: RunDirectory): Report {
  return parseReport(readFileSync(run.reportJson, 'utf8'));
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}

/** Of the server that the run started. */
function clientPort(run: RunDirectory): number {
  const config = readFileSync(join(run.serversDirectory, '1', 'zoo.cfg'), 'utf8');
  return Number(/^clientPort=(\d+)$/m.exec(config)?.[1]);
}

async function leavesNothing(t: Test, command: CommandRun, run: RunDirectory): Promise<void> {
  t.ok(command.descendants.size >= 2, 'a server and a generator were seen');
  t.same([...command.descendants].filter(isRunning), [], 'no process is left');
  t.equal(await isListening(clientPort(run)), false, 'and the port is free');
}

async function exitCodeOf(...args: string[]): Promise<number | null> {
  return new CommandRun(args).exitCode();
}

/** One ordinary run, looked at from several sides below. */
const ordinary = bench(t, ['--duration', '2', '--seed', '7']);
t.equal(await ordinary.command.exitCode(), 0);
const run = ordinary.run();

await t.test('a run ends with the place of its report, and leaves nothing running', async (t) => {
  const { command } = ordinary;
  t.equal(command.stderr, '');
  t.equal(lastLine(command.stdout), `report: ${run.reportHtml}`);
  t.ok(existsSync(run.reportHtml) && existsSync(run.reportMarkdown));
  await leavesNothing(t, command, run);
});

await t.test('its report.json says what happened', async (t) => {
  const report = reportOf(run);
  t.match(report, {
    identity: { status: 'complete', seed: 7, command: /^npm run bench -- --warmup 0\.5 / },
    verdict: { passed: true, exitCode: 0 },
    verification: { verdict: 'valid' },
    target: {
      ensemble: 'stampede',
      flushesBeforeAck: true,
      servers: [{ serverId: 1, role: 'standalone' }],
    },
  });
  const durability = report.verification?.checkers.find(({ name }) => name === 'durability');
  t.equal(durability?.verdict, 'valid');
  t.ok((durability?.opsChecked ?? 0) >= 200, 'every key was read back');
  t.equal(report.recoveries.length, 1);
  const { killedAtMs, detectedAtMs, restartedAtMs, firstSuccessAtMs, writeGapMs } =
    report.recoveries[0] ?? {};
  const inOrder = [killedAtMs, detectedAtMs, restartedAtMs].map(Number);
  t.same(
    inOrder,
    inOrder.toSorted((a, b) => a - b),
    'killed, noticed, restarted',
  );
  t.ok(Number(firstSuccessAtMs) > Number(killedAtMs), 'the first write comes after the kill');
  t.ok(Number(writeGapMs) > 0 && Number(writeGapMs) < Number(report.identity.durationMs));
});

await t.test('its figures and its log can be read by others', async (t) => {
  const reader = new HistogramLogReader(readFileSync(run.latencyLog, 'utf8'));
  const tags = new Set<string>();
  let ops = 0;
  for (let line = reader.nextIntervalHistogram(); line !== null; line = reader.nextIntervalHistogram()) {
    tags.add(line.tag);
    if (!line.tag.startsWith('prepare.')) ops += line.totalCount;
  }
  t.ok(tags.has('measure.setData') && tags.has('final.getData'));
  t.equal(
    ops,
    reportOf(run)
      .totals.filter(({ phase, op }) => phase !== 'all' && op === 'all')
      .reduce((sum, { ok }) => sum + ok, 0),
    'the log of latencies holds every operation of the report',
  );
  t.match(readFileSync(join(run.serversDirectory, '1', 'server.log'), 'utf8'), /binding to port/);
});

await t.test('verify and report can be run on it again', async (t) => {
  rmSync(run.reportHtml);
  t.equal(await exitCodeOf('verify', run.path), 0);
  t.equal(await exitCodeOf('report', run.path), 0);
  t.ok(existsSync(run.reportHtml));
});

await t.test('with one byte of its history changed it is not valid', async (t) => {
  const copy = copyOf(t, run);
  const [file = ''] = historyFiles(copy);
  const bytes = readFileSync(file);
  const middle = bytes.length >>> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  writeFileSync(file, bytes);
  t.equal(await exitCodeOf('verify', copy.path), 101);
});

await t.test('without its final reads it is not known to be valid', async (t) => {
  const copy = copyOf(t, run);
  const history = readHistory(historyFiles(copy));
  rmSync(historyFile(copy, 0));
  const writer = new HistoryWriter(historyFile(copy, 0));
  for (let row = 0; row < history.size; row++) {
    if (history.phase[row] !== Phase.final) writer.record(opAt(history, row));
  }
  await writer.close();
  t.equal(await exitCodeOf('verify', copy.path), 101);
});

for (const [signal, exitCode] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  await t.test(`${signal} ends a run with ${exitCode} and a report of what there was`, async (t) => {
    const { command, run: find } = bench(t, ['--duration', '3600'], { isGroup: true });
    await command.untilPrinted(/ measure /);
    // As a terminal and many a supervisor do it: to the whole group.
    process.kill(-command.pid, signal);
    t.equal(await command.exitCode(), exitCode);
    const run = find();
    t.equal(
      command.stderr,
      '',
      'no stack trace, and no word of a generator or a server that was hit as well',
    );
    t.match(command.stdout, new RegExp(`^${signal}: ending the load`, 'm'));
    t.equal(lastLine(command.stdout), `report: ${run.reportHtml}`);
    const report = reportOf(run);
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
    await leavesNothing(t, command, run);
  });
}

await t.test('a run is ended by nobody who stops reading its output', async (t) => {
  const { command, run: find } = bench(t, ['--duration', '1', '--kills', '0']);
  await command.untilPrinted(/stampede bench/);
  command.child.stdout?.destroy();
  t.equal(await command.exitCode(), 0);
  t.equal(command.stderr, '');
  t.match(reportOf(find()), { verdict: { passed: true } });
});

await t.test('an interruption does not wait until the tree is filled', async (t) => {
  const { command, run: find } = bench(t, ['--keys', '5000000']);
  await command.untilPrinted(/ prepare /);
  command.child.kill('SIGINT');
  t.equal(await command.exitCode(), 130);
  t.equal(command.stderr, '');
  t.match(reportOf(find()), { identity: { status: 'interrupted' }, verdict: { exitCode: 130 } });
  await leavesNothing(t, command, find());
});

await t.test('a server that ends by itself ends the run, with its own words', async (t) => {
  const { command, run: find } = bench(t, ['--duration', '3600', '--kills', '0']);
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
  t.match(reportOf(find()), { identity: { status: 'interrupted' }, verdict: { passed: false, exitCode: 3 } });
  await leavesNothing(t, command, find());
});

await t.test('a run that is killed takes its server and its generators with it', async (t) => {
  const { command, run: find } = bench(t, ['--duration', '3600', '--generators', '2']);
  await command.untilPrinted(/ measure /);
  const run = find();
  t.ok(command.descendants.size >= 3);
  t.equal(await isListening(clientPort(run)), true);
  command.child.kill('SIGKILL');
  await untilGone([command.pid, ...command.descendants]);
  t.equal(await isListening(clientPort(run)), false);
  t.equal(await exitCodeOf('report', run.path), 0, 'what it left can still be drawn');
});

function copyOf(t: Test, run: RunDirectory): RunDirectory {
  const copy = join(t.testdir(), run.id);
  cpSync(run.path, copy, { recursive: true });
  return runDirectoryAt(copy);
}

function opAt(history: History, row: number): Op {
  const { cversion, numChildren, pzxid } = history.children.get(row) ?? {
    cversion: NONE,
    numChildren: NONE,
    pzxid: NONE,
  };
  const columns = Object.entries(history).filter(([, column]) => ArrayBuffer.isView(column));
  const fields = columns.map(([name, column]) => [name, (column as Int32Array)[row]]);
  return { ...(Object.fromEntries(fields) as Op), cversion, numChildren, pzxid };
}

/** As it was started, its words divided by NUL. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
