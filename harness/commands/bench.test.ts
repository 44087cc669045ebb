import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HistogramLogReader } from 'hdr-histogram-js';
import t, { type Test } from 'tap';
import type { History } from '../history/history.ts';
import { HistoryWriter } from '../history/history-writer.ts';
import { readHistory } from '../history/history-reader.ts';
import { NONE, type Op, Phase } from '../history/op.ts';
import { historyFile, historyFiles, type RunDirectory, runDirectoryAt } from '../history/run-directory.ts';
import { BenchRun } from './testing/bench-run.ts';
import { CommandRun } from './testing/command-run.ts';

async function exitCodeOf(...args: string[]): Promise<number | null> {
  return new CommandRun(args).exitCode();
}

/** One ordinary run, looked at from several sides below. */
const ordinary = new BenchRun(t.testdir(), ['--servers', '1', '--duration', '2', '--seed', '7']);
t.teardown(() => ordinary.kill());
t.equal(await ordinary.exitCode(), 0);
const { run } = ordinary;

await t.test('a run ends with the place of its report, and leaves nothing running', async (t) => {
  t.equal(ordinary.stderr, '');
  t.equal(ordinary.lastLine, `report: ${run.reportHtml}`);
  t.ok(existsSync(run.reportHtml) && existsSync(run.reportMarkdown));
  t.same(await ordinary.leftRunning(), []);
});

await t.test('its report.json says what happened', async (t) => {
  const { report } = ordinary;
  t.match(report, {
    identity: { status: 'complete', seed: 7, command: /^npm run bench -- --keys 200 / },
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
    ordinary.report.totals
      .filter(({ phase, op }) => phase !== 'all' && op === 'all')
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
