import { ErrorCode } from '../../../server/wire/error-code.ts';
import { NONE } from '../../history/op.ts';
import type { ZnodeOperation } from './from-history.ts';

/**
 * The operations of one znode, less those without an answer that can't have happened before its last read: each of
 * them may double what a search has to try. A last read is one that was called when all that was answered had been.
 * What happens after it is not in the history, and so as good as never.
 *
 * Only a znode that nobody can have deleted and made again says so much: each of its versions is one write. If the
 * version read last is the number of the writes that are known to have happened, no other has.
 */
export function withoutWhatNeverWas(operations: readonly ZnodeOperation[]): readonly ZnodeOperation[] {
  const open = operations.filter(({ returnNs }) => returnNs === Infinity);
  if (open.length === 0 || operations.some(({ input }) => input.kind === 'multi')) return operations;
  const known = { create: 0, setData: 0, delete: 0 };
  const possible = { create: 0, setData: 0, delete: 0 };
  let lastNs = -Infinity;
  for (const { input, output, returnNs } of operations) {
    if (input.kind === 'read' || input.kind === 'multi') continue;
    if (returnNs !== Infinity) lastNs = Math.max(lastNs, returnNs);
    if (input.kind === 'check') continue;
    if (output?.error === ErrorCode.ok) known[input.kind]++;
    if (output === null) possible[input.kind]++;
  }
  const lastReads = operations.filter(({ input, callNs }) => input.kind === 'read' && callNs > lastNs);
  const isThere = lastReads.length > 0 && lastReads.every(({ output }) => output?.error === ErrorCode.ok);
  const isMadeOnce = known.create + possible.create === 1;
  // Made once, and there at the end: no delete has happened.
  const isNeverDeleted = known.delete === 0 && (possible.delete === 0 || (isThere && isMadeOnce));
  if (!isNeverDeleted) return operations;
  const versionMax = Math.max(NONE, ...lastReads.map(({ output }) => output?.version ?? NONE));
  return operations.filter(({ input, output }) => {
    if (output !== null) return true;
    if (input.kind === 'delete') return false;
    // What is never deleted is made but once.
    if (input.kind === 'create') return known.create === 0;
    return input.kind !== 'setData' || !isThere || versionMax !== known.setData;
  });
}
