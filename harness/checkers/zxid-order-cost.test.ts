import t from 'tap';
import { historyOf } from '../history/history-of.ts';
import type { History } from '../history/history.ts';
import type { Op } from '../history/op.ts';
import { bigHistory } from './self-test/big-history.ts';
import { checkZxidOrder } from './zxid-order.ts';

function historyOfSize(ops: number): History {
  const rows: Op[] = [];
  const options = { seed: 1, ops, keys: 500, sessions: 20, indeterminateRate: 0.01 };
  bigHistory(options, (op) => rows.push({ ...op }));
  return historyOf(rows);
}

/** Processor time, since other tests run beside this one; the cheapest of a few runs: the others were disturbed. */
function costOf(history: History): number {
  const costs = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage();
    const { verdict } = checkZxidOrder(history);
    if (verdict !== 'valid') throw new Error('the history to measure with is not valid');
    const { user, system } = process.cpuUsage(before);
    return user + system;
  });
  return Math.min(...costs);
}

await t.test('eight times the history costs about eight times as much', async (t) => {
  const small = historyOfSize(20_000);
  const large = historyOfSize(160_000);
  costOf(small);
  // Quadratic would be 64. The rest of the margin is for caches and for a busy machine.
  const ratio = costOf(large) / costOf(small);
  t.ok(ratio < 32, `${ratio.toFixed(1)} times`);
});
