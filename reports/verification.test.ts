import t from 'tap';
import { reportSchema, type ReportInput } from '../harness/history/report-schema.ts';
import { firstAnomalyAnchor, verificationSection } from './sections/verification.ts';
import { invalidInput, sampleInput } from './testdata/sample-report.ts';

type Checkers = NonNullable<ReportInput['verification']>['checkers'];

function anchorOf(verdict: 'valid' | 'unknown' | 'invalid', checkers: Checkers): string | null {
  return firstAnomalyAnchor(reportSchema.parse({ ...sampleInput(), verification: { verdict, checkers } }));
}

await t.test('the link leads to the first that is what the verdict is, past doubts before it', async (t) => {
  const [valid, invalid, unknown] = invalidInput().verification?.checkers ?? [];
  if (valid === undefined || invalid === undefined || unknown === undefined)
    throw new Error('three in the sample');
  t.equal(anchorOf('invalid', [unknown, valid, invalid]), 'anomaly-2');
  t.equal(anchorOf('invalid', [invalid, unknown]), 'anomaly-1');
  t.equal(anchorOf('unknown', [valid, unknown]), 'anomaly-1');
  t.equal(anchorOf('valid', [valid]), null);
});

await t.test(
  'the words have the numbers of the lanes and the table, and the rule that is broken',
  async (t) => {
    const { text } = verificationSection(reportSchema.parse(invalidInput())).body;
    t.match(text, /was acknowledged at 0x10000002a \[1\]; at the end it is missing \[2\]/);
    t.match(text, /That cannot be: What was acknowledged stays/);
    const numbers = [...text.matchAll(/class="number"[^>]*>\s*(\d+)/g)].map((match) => match[1]);
    t.same(numbers, ['1', '2']);
  },
);
