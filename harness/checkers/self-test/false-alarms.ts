import { Prng } from '../../../server/base/prng.ts';
import { historyOf } from '../../history/history-of.ts';
import type { Verdict } from '../../history/verification.ts';
import { judgeHistory } from '../judge.ts';
import { simulatedHistory } from '../wgl/self-test/simulated.ts';
import { SUBJECTS } from '../wgl/self-test/subjects.ts';
import { checkLinearizable } from '../wgl/wgl.ts';
import { RandomHistory } from './random-history.ts';

/** A valid history that was called something else. */
export interface FalseAlarm {
  readonly seed: number;
  readonly verdict: Verdict;
  /** For people. */
  readonly why: string;
}

const FAULT_RATES = [0, 0.005, 0.03, 0.06];

/** Judges what the clients of a correct ensemble may see, as a run of the bench is judged. Null: it was found valid. */
export function falseAlarmOfEnsemble(seed: number): FalseAlarm | null {
  const faultRate = FAULT_RATES[seed % FAULT_RATES.length] ?? 0;
  const { ops } = new RandomHistory({ seed, ops: 150, keys: 1 + (seed % 7), sessions: 4, faultRate });
  const { verdict, checkers } = judgeHistory(historyOf(ops), { acknowledgedOpsMin: 1 });
  const anomalies = checkers.flatMap((checker) => checker.anomalies);
  const why = anomalies.map(({ name, explanation }) => `${name}: ${explanation}`).join('; ');
  return verdict === 'valid' ? null : { seed, verdict, why };
}

/** Judges what the clients of one atomic object may see, by the search; the object is another with each seed. */
export function falseAlarmOfObject(seed: number): FalseAlarm | null {
  const subject = SUBJECTS[seed % SUBJECTS.length];
  if (subject === undefined) throw new Error('there are objects');
  const size = 2 + (seed % 25);
  const operations = simulatedHistory(subject, new Prng(seed), { size, processes: 1 + (seed % 6) });
  const { name, newModel } = subject;
  const { verdict, violation } = checkLinearizable([{ name, operations, newModel }]);
  return verdict === 'valid'
    ? null
    : { seed, verdict, why: `${name}: ${violation?.explanation ?? 'undecided'}` };
}
