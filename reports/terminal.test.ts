import { stripVTControlCharacters } from 'node:util';
import t from 'tap';
import { formatReport, parseReport } from '../harness/history/report-parse.ts';
import type { ReportInput } from '../harness/history/report-schema.ts';
import { Progress } from './progress.ts';
import type { ProgressSample } from './progress.ts';
import { renderTerminal } from './terminal.ts';
import { terminalAbility } from './terminal-style.ts';
import { invalidInput, partialInput, roundsInput, sampleInput } from './testdata/sample-report.ts';

const HTML_PATH = 'runs/x/report.html';

function draw(input: ReportInput, hasColour = false): string {
  return renderTerminal(parseReport(formatReport(input)), { hasColour, htmlPath: HTML_PATH });
}

function sampleAtMs(elapsedMs: number): ProgressSample {
  return { elapsedMs, plannedMs: 10_000, phase: 'measure', opsPerSecond: 1200, p99Us: 4100, errors: 0 };
}

function fakeStream(
  isTTY: boolean,
  columns = 80,
): { lines: string[]; isTTY: boolean; columns: number; write(text: string): void } {
  const lines: string[] = [];
  return { lines, isTTY, columns, write: (text) => void lines.push(text) };
}

await t.test('the tables name every op, and the last line is where the report is', async (t) => {
  const text = draw(sampleInput());
  for (const op of ['all ops', 'create', 'setData', 'getData']) {
    t.equal(
      text.split('\n').filter((line) => line.startsWith(`│ ${op}`)).length,
      2,
      `${op}: latency and rate`,
    );
  }
  for (const head of ['2.5%', '50%', '97.5%', '99%', '99.9%', 'Avg', 'Max', 'Min', '1%']) t.match(text, head);
  t.equal(text.trimEnd().split('\n').at(-1), `report: ${HTML_PATH}`);
  const boxes = text.split('\n').filter((line) => /^[┌│└├]/.test(line));
  t.ok(Math.max(...boxes.map((line) => line.length)) <= 80, 'the tables fit 80 columns');
});

await t.test('errors, recovery, thresholds and the verdict are said', async (t) => {
  const text = draw(sampleInput());
  t.match(text, /871 errors \(ConnectionLoss 871\)/);
  t.match(
    text,
    /Leader killed \(server 3\): .*new leader \+ 310 ms, first write \+ 640 ms.*longest write gap 640 ms/,
  );
  t.match(text, /^✓ 'write\.p99<20ms' write\.p99=6\.84ms$/m);
  t.match(text, /^✓ 'throughput>=0\.9\*baseline' throughput=18,157ops\/s baseline=18,960ops\/s$/m);
  t.match(text, /^baseline: run 2026-02-28\S+, 2026-02-28 12:00:00 UTC, commit 0123456789ab$/m);
  t.match(text, 'history: valid');
  t.match(text, 'linearizability valid in 1,200 of 9,000 znodes');
  t.match(draw(invalidInput()), /history: invalid: .*zxid-order invalid \(14 anomalies\)/);
  t.match(draw(invalidInput()), 'HISTORY INVALID');
});

await t.test('probes are a strip for each class and a table of what the fault cost', async (t) => {
  const text = draw(sampleInput());
  t.match(text, /^write, ensemble {8}█{32}\.{2}█{14} 98\.7 %$/m);
  t.match(text, /^role of server 3 {7}L+-+f+$/m);
  t.match(text, /Leader killed \(server 3\), by probes: detected \+ 8 ms, new leader \+ 310 ms \(server 2\)/);
  t.match(text, /│ write +│ +\+ 8 ms │ +\+ 652 ms │ +\+ 660 ms │ +672 ms │ +640 ms │/);
  t.ok(
    Math.max(
      ...text
        .split('\n')
        .filter((line) => /^[┌│└├]/.test(line))
        .map((line) => line.length),
    ) <= 80,
  );
  const { availability } = sampleInput();
  if (!availability) throw new Error('the sample has it');
  const limited = { ...availability, prober: { limited: true, reasons: ['too late'] } };
  t.match(draw({ ...sampleInput(), availability: limited }), 'probes: limited: too late');
});

await t.test('many rounds are told by their median, 90th percentile and maximum', async (t) => {
  const text = draw(roundsInput());
  t.match(text, /│ kill-leader, 20 rounds +│ +Median │ +p90 │ +Max │/);
  t.match(text, /│ longest write gap +│ +695 ms │ +770 ms │ +790 ms │/);
  t.match(text, /│ to a new leader \(19 rounds\) +│ +310 ms │ +312 ms │ +1\.31 s │/);
  t.match(text, /│ availability lost +│ +610 ms │/);
  t.notMatch(text, 'until all serve again', 'what nobody measured is left out');
  t.match(text, '20 faults: longest write gap');
});

await t.test('a partial run has what it has', async (t) => {
  const text = draw(partialInput());
  t.match(text, 'INTERRUPTED');
  t.match(text, 'history: not verified');
  t.notMatch(text, 'Latency, ms');
  t.match(text, 'Ops/s');
});

await t.test('colour is only paint', async (t) => {
  t.not(draw(sampleInput(), true), draw(sampleInput()));
  t.equal(stripVTControlCharacters(draw(sampleInput(), true)), draw(sampleInput()));
});

await t.test('a name from outside cannot move the cursor', async (t) => {
  const text = draw({ ...sampleInput(), workload: { name: 'a\u001b[2Jb\rc\nd' } });
  t.notMatch(text, '\u001b');
  t.notMatch(text, '\r');
});

await t.test('what a stream can show', async (t) => {
  const both = { hasColour: true, canRewrite: true };
  const none = { hasColour: false, canRewrite: false };
  t.same(terminalAbility(fakeStream(true), {}), both);
  t.same(terminalAbility(fakeStream(true), { NO_COLOR: '' }), both, 'an empty NO_COLOR is none');
  t.same(terminalAbility(fakeStream(true), { NO_COLOR: '1' }), { ...both, hasColour: false });
  t.same(terminalAbility(fakeStream(true), { CI: 'true' }), { ...both, canRewrite: false });
  t.same(terminalAbility(fakeStream(true), { TERM: 'dumb' }), none);
  t.same(terminalAbility(fakeStream(false), {}), none);
  t.same(terminalAbility(fakeStream(false), { FORCE_COLOR: '1' }), { ...none, hasColour: true });
  t.same(terminalAbility(fakeStream(false), { FORCE_COLOR: '1', NO_COLOR: '1' }), none);
});

await t.test('progress on a terminal is one line written over, never longer than the terminal', async (t) => {
  for (const columns of [20, 60, 80, 120]) {
    const stream = fakeStream(true, columns);
    const progress = new Progress(stream, {});
    for (const elapsedMs of [0, 250, 500, 20_000]) progress.update(sampleAtMs(elapsedMs));
    t.equal(stream.lines.length, 4);
    for (const line of stream.lines) {
      t.ok(line.startsWith('\r\u001b[K'));
      t.notMatch(line, '\n');
      t.ok(stripVTControlCharacters(line).length - 1 < columns, `${columns} columns`);
    }
    progress.end();
    t.equal(stream.lines.at(-1), '\r\u001b[K');
  }
});

await t.test('progress in a log is one line for each second', async (t) => {
  const stream = fakeStream(false);
  const progress = new Progress(stream, {});
  for (const elapsedMs of [0, 300, 900, 1100, 1900, 4000]) progress.update(sampleAtMs(elapsedMs));
  progress.end();
  t.same(
    stream.lines.map((line) => line.split('  ')[0]),
    ['0 s of 10 s', '1 s of 10 s', '4 s of 10 s'],
  );
  t.match(stream.lines[0], /1,200 ops\/s {2}p99 4\.10 ms {2}errors 0\n$/);
});

await t.test('a note does not run into the live line', async (t) => {
  const stream = fakeStream(true);
  const progress = new Progress(stream, {});
  progress.update(sampleAtMs(1000));
  progress.note('leader killed');
  t.same(stream.lines.slice(1), ['\r\u001b[K', 'leader killed\n']);
});
