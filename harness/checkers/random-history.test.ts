import t from 'tap';
import { historyOf } from '../history/history-of.ts';
import { judgeHistory } from './judge.ts';
import { RandomHistory } from './self-test/random-history.ts';

await t.test('no history of a correct ensemble is called anything but valid', async (t) => {
  const faults: string[] = [];
  for (let seed = 0; seed < 2000; seed++) {
    const faultRate = [0, 0.005, 0.03, 0.06][seed % 4] ?? 0;
    const { ops } = new RandomHistory({ seed, ops: 150, keys: 1 + (seed % 7), sessions: 4, faultRate });
    const verification = judgeHistory(historyOf(ops), { acknowledgedOpsMin: 1 });
    if (verification.verdict !== 'valid') faults.push(`seed ${seed}: ${JSON.stringify(verification)}`);
  }
  t.same(faults, []);
});
