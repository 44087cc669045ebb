import t from 'tap';
import { Prng } from '../../server/base/prng.ts';
import { ErrorCode } from '../../server/wire/error-code.ts';
import { historyOf } from '../history/history-of.ts';
import { NONE, type Op, OpKind, Outcome } from '../history/op.ts';
import { judgeHistory } from './judge.ts';
import { unsaidIn } from './self-test/explained.ts';
import { RandomHistory } from './self-test/random-history.ts';

type Field = keyof Op;

/**
 * What one wrong field of one reply can be. Each is what a wrong server says, and not what a wrong instrument
 * records: which operation was asked for, by whom and when, is given.
 *
 * What is not found can't be, from this history: a read's zxid a little too high, where nothing that was
 * written in between touches its node or was sent after it; a refusal turned into an acknowledgement that no
 * later reply contradicts; and beside unknown writes, whatever one of those may have done.
 */
const MUTATIONS: Partial<Record<Field, (op: Op, prng: Prng, all: readonly Op[]) => number>> = {
  zxid: (op, prng) => op.zxid + 1 + prng.below(20),
  valueId: (_op, prng, all) => all[prng.below(all.length)]?.valueId ?? NONE,
  version: (op, prng) => Math.max(0, op.version + (prng.below(2) === 0 ? -1 : 1)),
  mzxid: (op, prng) => op.mzxid + (prng.below(2) === 0 ? -1 : 1) * (1 + prng.below(3)),
  czxid: (op, prng) => op.czxid + (prng.below(2) === 0 ? -1 : 1) * (1 + prng.below(3)),
  sequence: (op, prng) => op.sequence + (prng.below(2) === 0 ? -1 : 1),
  numChildren: (op, prng) => Math.max(0, op.numChildren + (prng.below(2) === 0 ? -1 : 1)),
  cversion: (op) => op.cversion + 1,
  pzxid: (op) => op.pzxid - 1,
  outcome: () => Outcome.ok,
  error: (op) => (op.error === ErrorCode.noNode ? ErrorCode.badVersion : ErrorCode.noNode),
};

/** Whether the reply has such a field, and a change of it means something. */
function isMutable(op: Op, field: Field): boolean {
  const isReply = op.zxid > 0 && op.outcome !== Outcome.info;
  switch (field) {
    case 'outcome':
      return isReply && op.outcome === Outcome.fail && op.inMulti === 0;
    case 'error':
      return (
        isReply && op.outcome === Outcome.fail && op.inMulti === 0 && op.kind !== OpKind.createSequential
      );
    case 'valueId':
      return isReply && op.kind === OpKind.getData && op.outcome === Outcome.ok;
    case 'sequence':
      return isReply && op.kind === OpKind.createSequential && op.outcome === Outcome.ok;
    default:
      return isReply && op[field] !== NONE && op.kind !== OpKind.sync;
  }
}

interface Tally {
  tried: number;
  found: number;
}

/** One lie in a history of 300 operations, again and again. */
function tally(faultRate: number, rounds: number, unsaid: Set<string>): Map<string, Tally> {
  const tallies = new Map<string, Tally>();
  for (let seed = 0; seed < rounds; seed++) {
    const prng = new Prng(seed);
    const { ops } = new RandomHistory({ seed, ops: 300, keys: 6, sessions: 4, faultRate });
    for (const [name, mutate] of Object.entries(MUTATIONS)) {
      const field = name as Field;
      const rows = [...ops.keys()].filter((row) => isMutable(ops[row] as Op, field));
      const row = rows[prng.below(rows.length)];
      const op = row === undefined ? undefined : ops[row];
      if (op === undefined) continue;
      const value = mutate(op, prng, ops);
      if (value === op[field]) continue;
      const lie = ops.map((each, at) => (at === row ? { ...each, [field]: value } : each));
      const { verdict, checkers } = judgeHistory(historyOf(lie), { acknowledgedOpsMin: 1 });
      for (const gap of checkers.flatMap(unsaidIn)) unsaid.add(`seed ${seed}, ${name}: ${gap}`);
      const count = tallies.get(name) ?? { tried: 0, found: 0 };
      count.tried++;
      // Unknown is not green either, but it is no detection.
      if (verdict === 'invalid') count.found++;
      tallies.set(name, count);
    }
  }
  return tallies;
}

await t.test('one wrong field in one reply is found', async (t) => {
  for (const { faultRate, shareMin } of [
    { faultRate: 0, shareMin: 0.95 },
    { faultRate: 0.005, shareMin: 0.95 },
  ]) {
    const unsaid = new Set<string>();
    const tallies = tally(faultRate, 120, unsaid);
    t.same([...unsaid].slice(0, 3), [], 'every finding explains itself');
    let tried = 0;
    let found = 0;
    for (const [name, count] of tallies) {
      t.comment(`fault rate ${faultRate}: ${name} ${count.found} of ${count.tried}`);
      tried += count.tried;
      found += count.found;
    }
    t.ok(found / tried >= shareMin, `${found} of ${tried} at fault rate ${faultRate}`);
  }
});
