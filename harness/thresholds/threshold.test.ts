import t from 'tap';
import { parseThreshold } from './threshold.ts';

function parsed(text: string) {
  const result = parseThreshold(text);
  if (!result.ok) throw new Error(`${text}: column ${result.column}: ${result.advice}`);
  return result.threshold;
}

await t.test('each kind of threshold is read, with its bound in the unit it is shown in', async (t) => {
  t.same(parsed('write.p99<20ms'), {
    expression: 'write.p99<20ms',
    name: 'write.p99',
    metric: { type: 'latency', op: 'write', field: 'p99Us' },
    unit: 'ms',
    comparison: '<',
    bound: { type: 'value', value: 20 },
  });
  t.match(parsed('read.p999<=5ms'), { comparison: '<=', metric: { op: 'read', field: 'p999Us' } });
  t.match(parsed('all.mean<250us'), { metric: { op: 'all', field: 'meanUs' }, bound: { value: 0.25 } });
  t.match(parsed('write.gap<1.5s'), { metric: { type: 'writeGap' }, unit: 'ms', bound: { value: 1500 } });
  t.match(parsed('availability>=99.5%'), { metric: { type: 'availability' }, bound: { value: 99.5 } });
  t.match(parsed('throughput>=50000'), { unit: 'ops/s', comparison: '>=', bound: { value: 50_000 } });
  t.match(parsed('errors<1%'), { metric: { type: 'errors' }, unit: '%', bound: { value: 1 } });
});

await t.test('any of them can be held against a baseline', async (t) => {
  t.match(parsed('throughput>=0.9*baseline').bound, { type: 'baseline', factor: 0.9 });
  t.match(parsed('write.p99<1.2*baseline').bound, { type: 'baseline', factor: 1.2 });
  t.match(parsed('errors<=baseline').bound, { type: 'baseline', factor: 1 });
});

await t.test('blanks do not matter, and are kept as they were written', async (t) => {
  const { expression, name, comparison, bound } = parsed('  write.p99  <= 1.2 * baseline ');
  t.same([name, comparison, bound], ['write.p99', '<=', { type: 'baseline', factor: 1.2 }]);
  t.equal(expression, 'write.p99  <= 1.2 * baseline');
  t.match(parsed('write.p99 > 20 ms').bound, { value: 20 });
});

// Each mistake, the column it is in, and what has to stand in the advice.
const WRONG: readonly [text: string, column: number, says: RegExp][] = [
  ['', 1, /begin with what is measured: give write\.gap, availability, throughput, errors, or an operation/],
  ['<20ms', 1, /begin with what is measured/],
  ['wirte.p99<20ms', 1, /there is no wirte\.p99 to measure: .*as in write\.p99/],
  ['  latency<20ms', 3, /there is no latency to measure/],
  ['read.gap<1s', 6, /read has p50, .*; write read\.p99/],
  ['write.p98<20ms', 7, /write has p50, p90, p95, p99, p999, p9999, mean, max, gap; write write\.p99/],
  ['write<20ms', 6, /write has p50/],
  ['write.p99', 10, /behind write\.p99 comes one of <, <=, > and >=/],
  ['write.p99 == 20ms', 11, /one of <, <=, > and >=/],
  [
    'write.p99<',
    11,
    /a time is a number with us, ms or s behind it, as in 20ms, or a share of what the base/,
  ],
  ['write.p99<20', 13, /a time is a number with us, ms or s/],
  ['write.p99 < 20 min', 16, /a time is a number with us, ms or s/],
  ['write.p99<-20ms', 11, /a time is a number/],
  ['availability>=0.995', 20, /a share is a number from 0 to 100 with % behind it, as in 99\.5%/],
  ['errors<101%', 8, /a share is a number from 0 to 100/],
  ['throughput>=50k', 15, /a throughput is a number of operations a second, as in 50000/],
  ['throughput>=baseline*0.9', 13, /as in 0\.9\*baseline/],
  ['throughput>=0.9*base', 16, /as in 0\.9\*baseline/],
];

await t.test('what is wrong is told with its column, and what would be right there', async (t) => {
  for (const [text, column, says] of WRONG) {
    const result = parseThreshold(text);
    t.match(result, { ok: false, column, advice: says }, text);
  }
});
