import t from 'tap';
import { explanationInFull, piecesOf } from './anomaly-words.ts';
import type { AnomalyOp } from './verification.ts';

function op(process: number, invokeMs: number, completeMs: number): AnomalyOp {
  return { index: 1, process, kind: 'setData', outcome: 'ok', node: '/n', invokeMs, completeMs, zxid: null };
}

const ops = [op(3, 1_000, 1_500.4), op(7, 2_000, 2_000.2)];

await t.test('who it was and when stand for each operation', async (t) => {
  const explanation = 'version 3 was acknowledged [1] before version 2 was asked for [2]';
  t.equal(
    explanationInFull({ explanation, ops }),
    'version 3 was acknowledged (client 3, 1.000–1.500 s) before version 2 was asked for (client 7, 2.000 s)',
  );
  t.same(piecesOf({ explanation, ops }), [
    'version 3 was acknowledged',
    1,
    ' before version 2 was asked for',
    2,
  ]);
});

await t.test('what only looks like a reference is text', async (t) => {
  for (const explanation of ['shows [3] and [0]', 'no [x], no []', '', 'plain'])
    t.equal(explanationInFull({ explanation, ops }), explanation);
  t.same(piecesOf({ explanation: '[1][2]', ops }), [1, 2]);
});
