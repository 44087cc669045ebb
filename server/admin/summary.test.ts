import t from 'tap';
import { Summary } from './summary.ts';

await t.test('an empty summary is all zeros, as in Apache', async (t) => {
  const { count, sum, min, max, average } = new Summary();
  t.same([count, sum, min, max, average], [0, 0, 0, 0, 0]);
  t.equal(new Summary({ percentiles: true }).percentile(0.5), 0);
});

await t.test('the minimum is the smallest value, not the initial zero', async (t) => {
  const summary = new Summary();
  summary.add(7);
  summary.add(3);
  summary.add(5);
  t.match(summary, { count: 3, sum: 15, min: 3, max: 7, average: 5 });
});

await t.test('an average has at most four decimals', async (t) => {
  const summary = new Summary();
  for (const value of [1, 1, 2]) summary.add(value);
  t.equal(summary.average, 1.3333);
});

await t.test('percentiles are exact below 64 and within 1/32 above, never beyond the maximum', async (t) => {
  const summary = new Summary({ percentiles: true });
  const values = [0, 1, 5, 63, 64, 65, 100, 1000, 12_345, 999_999, 2 ** 30, 2 ** 31 - 1];
  for (const value of values) {
    summary.reset();
    summary.add(value);
    summary.add(2 ** 31 - 1);
    const median = summary.percentile(0.5);
    t.ok(median >= value && median <= Math.max(value, value * (1 + 1 / 32)), `${value} reads as ${median}`);
    if (value < 64) t.equal(median, value);
  }
  summary.reset();
  for (let value = 1; value <= 1000; value++) summary.add(value);
  t.equal(summary.percentile(1), 1000);
  t.ok(Math.abs(summary.percentile(0.99) - 990) <= 32);
  t.equal(summary.percentile(0.05), 50);
});
