import t from 'tap';
import { HttpMeter } from './http-meter.ts';

await t.test('answers are counted and timed to the microsecond, errors by their name', async (t) => {
  const meter = new HttpMeter(100);
  for (let i = 1; i <= 100; i++) meter.add({ atMs: i, tookMs: i / 100, error: null });
  meter.add({ atMs: 250, tookMs: 0, error: 'HTTP 429' });
  meter.add({ atMs: 260, tookMs: 5, error: 'HTTP 429' });
  t.match(meter, { ok: 100, failed: 2 });
  const totals = meter.totals(2);
  t.same(
    totals.map(({ op, phase }) => `${op} ${phase}`),
    ['all all', 'all measure', 'request all', 'request measure'],
  );
  t.match(totals[0], { count: 102, ok: 100, failed: 2, errors: { 'HTTP 429': 2 }, opsPerSecond: 50 });
  const { p50Us, maxUs } = totals[0]?.responseTime ?? {};
  t.ok(Math.abs((p50Us ?? 0) - 500) < 5, `p50 ${p50Us}`);
  t.ok(Math.abs((maxUs ?? 0) - 1000) < 5, `max ${maxUs}`);
});

await t.test('an answer belongs to the interval in which it came', async (t) => {
  const meter = new HttpMeter(100);
  meter.add({ atMs: 99, tookMs: 1, error: null });
  meter.add({ atMs: 100, tookMs: 2, error: null });
  meter.add({ atMs: 310, tookMs: 0, error: 'ECONNREFUSED' });
  t.match(meter.timeline(), {
    intervalMs: 100,
    points: [
      { tMs: 0, ok: { request: 1 }, errors: 0, availability: 1 },
      { tMs: 100, ok: { request: 1 } },
      { tMs: 300, ok: { request: 0 }, errors: 1, availability: 0, p50Us: null },
    ],
  });
});

await t.test('without an answer there is no time', async (t) => {
  const meter = new HttpMeter(100);
  t.match(meter.totals(1)[0], { count: 0, opsPerSecond: 0, responseTime: null });
  t.same(meter.timeline().points, []);
});
