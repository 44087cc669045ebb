import t from 'tap';
import { formatReport, parseReport } from '../harness/history/report-parse.ts';
import type { ReportInput } from '../harness/history/report-schema.ts';
import { renderMarkdown } from './markdown.ts';
import {
  hostileInput,
  invalidInput,
  partialInput,
  roundsInput,
  sampleInput,
} from './testdata/sample-report.ts';

function draw(input: ReportInput): string {
  return renderMarkdown(parseReport(formatReport(input)));
}

await t.test('verdict, sentence, figures and how to run it again are there', async (t) => {
  const text = draw(sampleInput());
  t.match(text, /^## ✅ write-heavy: passed\n/);
  t.match(text, sampleInput().verdict?.sentence ?? '?');
  t.match(text, /\| setData \| 12,710 \| 871 \|/);
  t.match(text, /\| \+ 310 ms \| \+ 640 ms \| \+ 1\.9 s \| 640 ms \|/);
  t.match(text, '`npm run bench -- --workload write-heavy --crash leader --seed 42`');
  t.match(text, 'seed 42');
});

await t.test('thresholds are told with what was measured, and what they were held against', async (t) => {
  const text = draw(sampleInput());
  t.match(text, '| write.p99&#60;20ms | 6.84 ms | ✅ |');
  t.match(text, '| throughput&#62;=0.9&#42;baseline | 18,157 ops/s; baseline 18,960 ops/s | ✅ |');
  t.match(text, 'Held against run 2026-02-28T12-00-00-write-heavy-a1b2, 2026-02-28 12:00:00 UTC, commit');
  const missed = { expression: 'read.p99<5ms', passed: null, note: 'no read has succeeded' };
  const verdict = { passed: false, exitCode: 99, sentence: '', thresholds: [missed] };
  const unmeasured = draw({ ...sampleInput(), verdict });
  t.match(unmeasured, '| read.p99&#60;5ms | nothing to measure it on: no read has succeeded | ❌ |');
  t.notMatch(unmeasured, 'Held against');
});

await t.test('many rounds are told by their median, 90th percentile and maximum', async (t) => {
  const text = draw(roundsInput());
  t.match(text, '| kill-leader, 20 rounds | Median | p90 | Max |');
  t.match(text, '| longest write gap | 695 ms | 770 ms | 790 ms |');
  t.match(text, '| to a new leader (19 rounds) | 310 ms | 312 ms | 1.31 s |');
});

await t.test(
  'availability is a strip for each class, with the fault and the roles, and a table',
  async (t) => {
    const text = draw(sampleInput());
    const strip = /```text\n([^`]*)\n```/.exec(text)?.[1]?.split('\n') ?? [];
    const lineOf = (name: string): string => strip.find((line) => line.startsWith(name)) ?? '';
    // 51 s in 48 characters, each as bad as the worst in it: 40 s is in the 33rd, 43.42 s in the 37th.
    t.match(lineOf('write, server 3'), /^write, server 3 {8}█{32}\.{4}░█{11} 93\.1 %$/);
    t.equal(lineOf('role of server 2').slice(23), `${'f'.repeat(33)}${'L'.repeat(15)}`);
    t.match(lineOf('fault'), /^fault {18} {32}\^{4} {13}Leader killed \(server 3\)$/);
    t.match(text, '**Leader killed (server 3)**: detected + 8 ms, new leader + 310 ms (server 2), ');
    t.match(text, /\| write \| \+ 8 ms \| \+ 652 ms \| \+ 660 ms \| 672 ms \| 640 ms \|/);
  },
);

await t.test('a checker that looks at a sample says how large it is', async (t) => {
  t.match(draw(sampleInput()), '| linearizability | valid | 120,000 in 1,200 of 9,000 znodes | 0 |');
});

await t.test('it stays short, whatever was found', async (t) => {
  const invalid = invalidInput();
  const [first] = invalid.recoveries ?? [];
  const checker = invalid.verification?.checkers[1];
  if (first === undefined || checker === undefined) throw new Error('the sample has them');
  const [anomaly] = checker.anomalies;
  if (anomaly === undefined) throw new Error('the sample has it');
  const text = draw({
    ...invalid,
    recoveries: Array.from({ length: 500 }, () => first),
    verification: {
      verdict: 'invalid',
      checkers: [{ ...checker, anomalies: Array.from({ length: 500 }, () => anomaly) }],
    },
  });
  const lines = text.split('\n').filter((line) => !line.startsWith('|'));
  t.ok(lines.length <= 60, `${lines.length} lines beside the tables`);
  t.match(text, '500 faults');
});

await t.test('a partial run is drawn', async (t) => {
  const text = draw(partialInput());
  t.match(text, 'interrupted');
  t.match(text, '**History:** not verified');
});

await t.test('hostile names stay text and in their cell', async (t) => {
  const text = draw(hostileInput());
  t.notMatch(
    text
      .replaceAll(/^```text\n[^`]*\n```$/gm, '')
      .replaceAll(/^> /gm, '')
      .replace(/^`.*`$/gm, '')
      .replaceAll(/Run `[^`]*`/g, '')
      .replaceAll(/<\/?sub>/g, ''),
    /[<>]/,
  );
  const cells = draw({ ...sampleInput(), recoveries: [{ fault: 'a | b\n| c |' }] });
  t.match(cells, '| a &#124; b &#124; c &#124; | — |');
});
