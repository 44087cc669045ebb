import type { FinalTrees } from '../history/final-trees.ts';
import type { History } from '../history/history.ts';
import { readHistory } from '../history/history-reader.ts';
import {
  historyFiles,
  readFinalTrees,
  readRunFile,
  type RunDirectory,
  runDirectoryAt,
  transcriptFiles,
} from '../history/run-directory.ts';
import type { RunFile } from '../history/run-file.ts';
import type { CheckerResult, Verification } from '../history/verification.ts';
import { describeRow } from './anomaly-log.ts';
import { checkCompleteness } from './completeness.ts';
import { checkDurability, hasFinalReads } from './durability.ts';
import { judgeRecipe } from './judge-recipe.ts';
import { checkLinearizability } from './linearizability.ts';
import { checkSameTrees } from './same-trees.ts';
import { type Surroundable, withSurroundings } from './surroundings.ts';
import { verdictOf } from './verdict.ts';
import { checkZxidOrder } from './zxid-order.ts';

type Expectations = RunFile['verification'];

/**
 * Judges a stored run by its histories, its transcripts, its servers' logs and its trees. It needs nothing else, so a run
 * can be judged again later, by newer checkers.
 *
 * @throws RunDirectoryError if `directory` is not a run, HistoryError or TranscriptError if it has nothing that can be
 * read.
 */
export async function judge(directory: string): Promise<Verification> {
  const run = runDirectoryAt(directory);
  const { verification: expectations, seed } = readRunFile(run);
  const files = historyFiles(run);
  const isLoad = expectations?.recipe === undefined;
  const history = files.length === 0 && !isLoad ? null : readHistory(files);
  return judgeRun(run, { history, expectations, seed });
}

/**
 * The same of a run whose history has been read already; null where it has none, and is not to have one. What is only
 * looked at in samples is drawn from `seed`, which is the run's.
 */
export async function judgeRun(
  run: RunDirectory,
  {
    history,
    expectations,
    seed,
  }: { readonly history: History | null; readonly expectations: Expectations; readonly seed: number },
): Promise<Verification> {
  const trees = readFinalTrees(run);
  const checkers = history === null ? [] : historyCheckers(history, expectations, seed);
  if (expectations?.recipe !== undefined || transcriptFiles(run).length > 0)
    checkers.push(...(await judgeRecipe(run, expectations ?? {})));
  if (expectations?.expectsTrees === true || trees !== null) checkers.push(checkSameTrees(trees));
  return { verdict: verdictOf(checkers), checkers };
}

/** `trees`: what the servers held in the end; null where nobody has looked. */
export function judgeHistory(
  history: History,
  expectations: Expectations = {},
  trees: FinalTrees | null = null,
  seed = 1,
): Verification {
  const checkers = historyCheckers(history, expectations, seed);
  if (expectations.expectsTrees === true || trees !== null) checkers.push(checkSameTrees(trees));
  return { verdict: verdictOf(checkers), checkers };
}

function historyCheckers(
  history: History,
  { acknowledgedOpsMin, expectsFinalReads }: NonNullable<Expectations> = {},
  seed: number,
): CheckerResult[] {
  const checkers = [checkCompleteness(history, acknowledgedOpsMin), checkZxidOrder(history)];
  // Without final reads it reports every node as unread: right where they were promised, noise elsewhere.
  if (expectsFinalReads === true || hasFinalReads(history)) checkers.push(checkDurability(history));
  checkers.push(checkLinearizability(history, { seed }));
  return checkers.map((result) => withSurroundings(result, rowsOf(history)));
}

/** A load's history has its operations, and nothing of what befell its clients besides. */
function rowsOf(history: History): Surroundable {
  return {
    *opsIn({ clients, fromMs, toMs }) {
      const [fromNs, toNs] = [fromMs * 1e6, toMs * 1e6];
      for (let row = 0; row < history.size; row++) {
        if (!clients.has(history.process[row] as number)) continue;
        const invokeNs = history.invokeNs[row] as number;
        const endNs = Math.max(invokeNs, history.completeNs[row] as number);
        if (invokeNs <= toNs && endNs >= fromNs) yield describeRow(history, row);
      }
    },
    marksIn: () => [],
  };
}
