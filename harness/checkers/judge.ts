import { readHistory } from '../history/history-reader.ts';
import type { History } from '../history/history.ts';
import type { FinalTrees } from '../history/final-trees.ts';
import { historyFiles, readFinalTrees, readRunFile, runDirectoryAt } from '../history/run-directory.ts';
import type { RunFile } from '../history/run-file.ts';
import type { CheckerResult, Verification } from '../history/verification.ts';
import { checkCompleteness } from './completeness.ts';
import { checkDurability, hasFinalReads } from './durability.ts';
import { checkSameTrees } from './same-trees.ts';
import { verdictOf } from './verdict.ts';
import { checkZxidOrder } from './zxid-order.ts';

/**
 * Judges a stored run by its histories and its trees. It needs nothing else, so a run can be judged again later, by newer
 * checkers.
 *
 * @throws RunDirectoryError if `directory` is not a run, HistoryError if it has no history that can be read.
 */
export function judge(directory: string): Verification {
  const run = runDirectoryAt(directory);
  const expectations = readRunFile(run).verification;
  return judgeHistory(readHistory(historyFiles(run)), expectations, readFinalTrees(run));
}

/** `trees`: what the servers held in the end; null where nobody has looked. */
export function judgeHistory(
  history: History,
  expectations: RunFile['verification'] = {},
  trees: FinalTrees | null = null,
): Verification {
  const checkers: CheckerResult[] = [
    checkCompleteness(history, expectations.acknowledgedOpsMin),
    checkZxidOrder(history),
  ];
  // Without final reads it reports every node as unread: right where they were promised, noise elsewhere.
  if (expectations.expectsFinalReads === true || hasFinalReads(history))
    checkers.push(checkDurability(history));
  if (expectations.expectsTrees === true || trees !== null) checkers.push(checkSameTrees(trees, history));
  return { verdict: verdictOf(checkers), checkers };
}
