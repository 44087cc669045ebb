import * as fc from 'fast-check';
import t from 'tap';
import type { AnomalyOp, CheckerResult } from '../history/verification.ts';
import { withSurroundings } from './surroundings.ts';

const op = fc
  .record({
    process: fc.nat(3),
    index: fc.nat(10_000),
    invokeMs: fc.nat(5_000),
    tookMs: fc.nat(300),
    isOpen: fc.boolean(),
  })
  .map(({ process, index, invokeMs, tookMs, isOpen }): AnomalyOp => {
    const how = isOpen
      ? { outcome: 'info', completeMs: -1, zxid: null }
      : { outcome: 'ok', completeMs: invokeMs + tookMs, zxid: '0x1' };
    return { process, index, invokeMs, kind: 'setData', node: '/n', ...how };
  });
const history = fc.uniqueArray(op, { minLength: 1, maxLength: 300, selector: ({ index }) => index });

function resultOf(anomalies: readonly (readonly AnomalyOp[])[]): CheckerResult {
  return {
    name: 'test',
    verdict: 'invalid',
    opsChecked: 1,
    durationMs: 1,
    counts: {},
    anomalies: anomalies.map((ops) => ({ name: 'x', verdict: 'invalid', explanation: 'y', ops: [...ops] })),
  };
}

function endOf({ invokeMs, completeMs }: AnomalyOp): number {
  return Math.max(invokeMs, completeMs);
}

await t.test(
  'its own operations are among them, with the nearest of the same clients, and the rest is counted',
  async () => {
    fc.assert(
      fc.property(history, fc.integer({ min: 1, max: 4 }), (ops, count) => {
        const own = ops.slice(0, count);
        const asked: AnomalyOp[] = [];
        const result = withSurroundings(resultOf([own]), {
          opsIn: ({ clients, fromMs, toMs }) => {
            asked.push(
              ...ops.filter(
                (each) => clients.has(each.process) && each.invokeMs <= toMs && endOf(each) >= fromMs,
              ),
            );
            return asked;
          },
          marksIn: ({ fromMs }) => [
            { process: own[0]?.process ?? 0, atMs: fromMs, kind: 'lost', label: 'gone' },
          ],
        });
        const around = result.anomalies[0]?.surroundings;
        if (around === undefined) return false;
        const perClient = new Map<number, number>();
        for (const { process } of around.ops) perClient.set(process, (perClient.get(process) ?? 0) + 1);
        return (
          own.every((each) => around.ops.includes(each)) &&
          around.ops.every((each, i) => (around.ops[i - 1]?.invokeMs ?? 0) <= each.invokeMs) &&
          around.ops.every(({ process }) => own.some((each) => each.process === process)) &&
          [...perClient.values()].every((kept) => kept <= 30) &&
          around.leftOut === asked.length - around.ops.length &&
          around.marks.length === 1 &&
          around.fromMs <= Math.min(...own.map(({ invokeMs }) => invokeMs)) &&
          around.toMs >= Math.max(...own.map(endOf))
        );
      }),
      { numRuns: 200 },
    );
  },
);

await t.test('only the first few have them, and none without operations', async (t) => {
  const one: AnomalyOp = {
    process: 1,
    index: 1,
    kind: 'k',
    outcome: 'ok',
    node: '/',
    invokeMs: 5,
    completeMs: 6,
    zxid: null,
  };
  const run = { opsIn: () => [one], marksIn: () => [] };
  const nine = Array.from({ length: 9 }, () => [one]);
  const { anomalies } = withSurroundings(resultOf([[], ...nine]), run);
  t.same(
    anomalies.map(({ surroundings }) => surroundings !== undefined),
    [false, true, true, true, true, false, false, false, false, false],
  );
});
