import { counterOf, type Zxid } from '../base/zxid.ts';
import type { TxnWindow } from './txn-window.ts';

/**
 * How a learner is brought to the leader's history (protocol §4.4).
 * - `diff`: it has a prefix of ours; it gets the entries of the window from index `from` on.
 * - `trunc`: it has something nobody committed; it goes back to `zxid` first.
 * - `snap`: it gets everything.
 */
export type SyncPlan =
  { readonly type: 'diff' | 'trunc'; readonly zxid: Zxid; readonly from: number } | { readonly type: 'snap' };

const SNAP: SyncPlan = { type: 'snap' };

/**
 * Decides by the last txn the learner has logged, which need not be one that we have: two histories are only
 * known to agree up to a txn that both have (B01).
 *
 * Apache serves from its window only learners that have one of the txns in it. We also know the one before the
 * first, `base`, and serve who has exactly that.
 */
export function planSync(learnerLast: Zxid, window: TxnWindow): SyncPlan {
  const { base, committed, committedCount } = window;
  if (learnerLast === committed) return { type: 'diff', zxid: committed, from: committedCount };
  // The zxid that only opens an epoch has no txn, so there is nothing to take back (trap 70).
  const isNewEpochZxid = counterOf(learnerLast) === 0;
  // What lies beyond all that is committed never will be: the leader has everything that is.
  if (learnerLast > committed) {
    return isNewEpochZxid ? SNAP : { type: 'trunc', zxid: committed, from: committedCount };
  }
  if (learnerLast < base) return SNAP;
  if (learnerLast === base) return { type: 'diff', zxid: committed, from: 0 };

  const at = window.indexFrom(learnerLast);
  if (window.zxidAt(at) === learnerLast) return { type: 'diff', zxid: committed, from: at + 1 };
  if (isNewEpochZxid) return { type: 'diff', zxid: committed, from: at };
  // A txn that nobody committed, of an epoch that ended earlier here. Taking back across the border of an
  // epoch is more than Apache's learners can do (trap 71).
  return SNAP;
}
