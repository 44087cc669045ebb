import t from 'tap';
import { unsaidIn } from '../checkers/self-test/explained.ts';
import type { CheckerResult } from '../history/verification.ts';
import { bankHistories } from './testing/histories/bank.ts';
import { barrierHistories } from './testing/histories/barrier.ts';
import { configFanoutHistories } from './testing/histories/config-fanout.ts';
import { counterHistories } from './testing/histories/counter.ts';
import { electionHistories } from './testing/histories/election.ts';
import { groupMembershipHistories } from './testing/histories/group-membership.ts';
import type { Histories } from './testing/histories/histories.ts';
import { lockHistories } from './testing/histories/lock.ts';
import { queueHistories } from './testing/histories/queue.ts';
import { registerHistories } from './testing/histories/register.ts';
import { sequentialIdsHistories } from './testing/histories/sequential-ids.ts';
import { serviceDiscoveryHistories } from './testing/histories/service-discovery.ts';
import { setHistories } from './testing/histories/set.ts';
import { told } from './testing/told.ts';

const ROOT = '/r';
/** Of each kind, for each recipe. */
const HISTORIES_MIN = 20;

/** Nobody can tell, and nobody may say that all is well. */
const DOUBTS: ReadonlySet<string> = new Set([
  'name used twice',
  'not had in the end',
  'not finished',
  'not read in the end',
  'out without a look',
  'not waited for',
  'not quiet',
  'no agreement',
  'no view',
]);

const ALL: readonly Histories[] = [
  bankHistories,
  barrierHistories,
  configFanoutHistories,
  counterHistories,
  electionHistories,
  groupMembershipHistories,
  lockHistories,
  queueHistories,
  registerHistories,
  sequentialIdsHistories,
  serviceDiscoveryHistories,
  setHistories,
];

for (const histories of ALL) {
  const { recipe, before = '', after = '', good, bad } = histories;
  const judge = (text: string): CheckerResult => {
    return recipe.check({ happenings: told(ROOT, [before, text, after].join('\n')), root: ROOT });
  };

  await t.test(`${recipe.name}: nothing is found in good histories`, async (t) => {
    for (const [title, text] of good) {
      const { verdict, anomalies } = judge(text);
      t.same(anomalies, [], title);
      t.equal(verdict, 'valid', title);
    }
    t.ok(good.length >= HISTORIES_MIN, `${good.length} histories`);
  });

  await t.test(
    `${recipe.name}: what is wrong with bad histories is found and called by its name`,
    async (t) => {
      for (const [title, name, text] of bad) {
        const result = judge(text);
        const { verdict, counts } = result;
        t.same(unsaidIn(result), [], title);
        t.equal(verdict, DOUBTS.has(name) ? 'unknown' : 'invalid', title);
        t.ok(counts[name], `${title}: ${name}; found was ${JSON.stringify(counts)}`);
      }
      t.ok(bad.length >= HISTORIES_MIN, `${bad.length} histories`);
    },
  );
}
