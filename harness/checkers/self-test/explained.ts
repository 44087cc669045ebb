import { piecesOf } from '../../history/anomaly-words.ts';
import type { Anomaly, CheckerResult } from '../../history/verification.ts';

/**
 * What may have no operation of a client in it: trees and logs are of servers, which are named, and what a leader has done
 * by itself, as when a session expires, or what nobody asked for, is a txn, whose zxid is named.
 */
const WITHOUT_OPERATIONS: ReadonlySet<string> = new Set([
  'trees differ',
  'logs that disagree',
  'act of an ended session',
  'impossible txn',
  'write nobody asked for',
]);

/**
 * What the findings of a checker leave unsaid: an operation that the explanation does not name, or not in the order of
 * their numbers, or one that has two; of what is wrong, the operations that show it, or why that cannot be.
 */
export function unsaidIn({ name, anomalies }: CheckerResult): string[] {
  return anomalies.flatMap((anomaly) => {
    return gapsIn(anomaly).map((gap) => `${name}, ${anomaly.name}: ${gap}: ${anomaly.explanation}`);
  });
}

function gapsIn(anomaly: Anomaly): string[] {
  const { name, verdict, why, ops } = anomaly;
  const named = new Set(piecesOf(anomaly).filter((piece) => typeof piece === 'number'));
  const gaps: string[] = [];
  if ([...named].some((number, index) => number !== index + 1)) gaps.push('not in order');
  const different = new Set(ops.map(({ process, index, invokeMs }) => `${process} ${index} ${invokeMs}`));
  if (different.size < ops.length) gaps.push('an operation twice');
  if (named.size < ops.length) gaps.push(`${ops.length - named.size} of ${ops.length} not named`);
  if (verdict === 'unknown') return gaps;
  if (why === undefined || why === '') gaps.push('why not');
  if (ops.length === 0 && !WITHOUT_OPERATIONS.has(name)) gaps.push('no operations');
  return gaps;
}
