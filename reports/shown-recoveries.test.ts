import t from 'tap';
import { reportSchema } from '../harness/history/report-schema.ts';
import { shownRecoveries } from './shown-recoveries.ts';

function recoveries(gapsMs: readonly number[]) {
  return reportSchema.shape.recoveries.parse(
    gapsMs.map((writeGapMs) => ({ fault: `gap of ${writeGapMs}`, writeGapMs })),
  );
}

await t.test('a few faults are shown one by one, in their order', async (t) => {
  const few = recoveries([3, 1, 2]);
  t.same(shownRecoveries(few), { summary: null, shown: few });
});

await t.test('many faults are summed up and the three worst are shown', async (t) => {
  const { summary, shown } = shownRecoveries(recoveries([100, 900, 200, 300, 400, 500, 600]));
  t.match(summary, /^7 faults: .* 400 ms in the median, 100 ms at least, 900 ms at most/);
  t.same(
    shown.map(({ writeGapMs }) => writeGapMs),
    [900, 600, 500],
  );
});
