import t from 'tap';
import {
  formatBytes,
  formatDuration,
  formatFigure,
  formatRate,
  formatShare,
  formatUsAsMs,
} from './format.ts';

await t.test('figures have three significant digits and no false precision', async (t) => {
  const cases: readonly [number | null, string][] = [
    [null, '—'],
    [0, '0'],
    [0.08342, '0.083'],
    [1.2378, '1.24'],
    [12.378, '12.4'],
    [123.78, '124'],
    [12_378, '12,378'],
  ];
  for (const [value, text] of cases) t.equal(formatFigure(value), text);
});

await t.test('microseconds become milliseconds', async (t) => {
  t.equal(formatUsAsMs(83), '0.083');
  t.equal(formatUsAsMs(1_240_000), '1,240');
});

await t.test('a length of time has the unit that suits it', async (t) => {
  t.equal(formatDuration(0.41), '0.41 ms');
  t.equal(formatDuration(640), '640 ms');
  t.equal(formatDuration(10_700), '10.7 s');
  t.equal(formatDuration(245_000), '4 min 05 s');
});

await t.test('a share that is not whole never reads as 100 % or 0 %', async (t) => {
  t.equal(formatShare(1), '100 %');
  t.equal(formatShare(0.99987), '99.99 %');
  t.equal(formatShare(0.999), '99.9 %');
  t.equal(formatShare(0.57), '57.0 %');
  t.not(formatShare(0.99999), '100 %');
  t.not(formatShare(0.00001), '0 %');
});

await t.test('rates and sizes', async (t) => {
  t.equal(formatRate(0.42), '0.420');
  t.equal(formatRate(23_104.4), '23,104');
  t.equal(formatBytes(512), '512 B');
  t.equal(formatBytes(1.5 * 2 ** 30), '1.5 GiB');
});
