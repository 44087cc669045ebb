import * as fc from 'fast-check';
import t from 'tap';
import { Prng } from '../../../server/base/prng.ts';
import type { Verdict } from '../../history/verification.ts';
import type { Operation } from './model.ts';
import { isLinearizable } from './self-test/brute-force.ts';
import { randomHistory, simulatedHistory } from './self-test/simulated.ts';
import { SUBJECTS, type Subject } from './self-test/subjects.ts';
import { checkLinearizable } from './wgl.ts';

type AnySubject = Subject<unknown, unknown>;
type AnyOperation = Operation<unknown, unknown>;

function verdictOf(subject: AnySubject, operations: readonly AnyOperation[]): Verdict {
  return checkLinearizable([{ name: subject.name, operations, newModel: subject.newModel }]).verdict;
}

/** Each claim is put to seeds; fast-check shows the one that fails, and how to come to it again. */
function holds(runs: number, claim: (seed: number) => void): void {
  fc.assert(fc.property(fc.nat(), claim), { numRuns: runs });
}

for (const subject of SUBJECTS) {
  await t.test(`${subject.name}: what one atomic object has answered is accepted`, async (t) => {
    let accepted = 0;
    holds(1000, (seed) => {
      const size = 2 + (seed % 25);
      const operations = simulatedHistory(subject, new Prng(seed), { size, processes: 1 + (seed % 6) });
      const verdict = verdictOf(subject, operations);
      if (verdict !== 'valid') throw new Error(`${verdict}: ${JSON.stringify(operations)}`);
      accepted++;
    });
    t.equal(accepted, 1000);
  });

  await t.test(`${subject.name}: on small histories it says what trying every order says`, async (t) => {
    const counts = { valid: 0, invalid: 0, unknown: 0 };
    const compare = (operations: readonly AnyOperation[]): void => {
      const verdict = verdictOf(subject, operations);
      counts[verdict]++;
      const expected = isLinearizable(operations, subject.newModel()) ? 'valid' : 'invalid';
      if (verdict !== expected) throw new Error(`${verdict}, not ${expected}: ${JSON.stringify(operations)}`);
    };
    holds(2000, (seed) => {
      const prng = new Prng(seed);
      compare(randomHistory(subject, prng, 1 + prng.below(6)));
      const right = simulatedHistory(subject, prng, { size: 1 + prng.below(6), processes: 3 });
      compare(right);
      compare(withOneOtherAnswer(right, subject, prng));
    });
    // Neither verdict is rare among them, or the comparison would show little.
    t.ok(counts.valid > 1000 && counts.invalid > 500, JSON.stringify(counts));
    t.equal(counts.unknown, 0);
  });

  await t.test(
    `${subject.name}: in a history of eight operations one other answer is refused or can be explained`,
    async (t) => {
      let refused = 0;
      holds(300, (seed) => {
        const prng = new Prng(seed);
        const right = simulatedHistory(subject, prng, { size: 8, processes: 2 });
        const wrong = withOneOtherAnswer(right, subject, prng);
        const verdict = verdictOf(subject, wrong);
        if (verdict === 'invalid') refused++;
        const isExplained = isLinearizable(wrong, subject.newModel());
        if (verdict !== (isExplained ? 'valid' : 'invalid'))
          throw new Error(`${verdict}: ${JSON.stringify(wrong)}`);
      });
      t.ok(refused > 60, `${refused} refused`);
    },
  );
}

function withOneOtherAnswer(
  operations: readonly AnyOperation[],
  subject: AnySubject,
  prng: Prng,
): readonly AnyOperation[] {
  const at = prng.below(Math.max(1, operations.length));
  return operations.map((operation, index) => {
    if (index !== at || operation.output === null) return operation;
    const others = subject.outputsOf(operation.input).filter((output) => output !== operation.output);
    return { ...operation, output: others[prng.below(others.length)] ?? operation.output };
  });
}
