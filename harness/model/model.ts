import type { GhostTree } from './ghost-tree.ts';
import type { RequestLedger } from './request-ledger.ts';

/** What can be shown to who reads a report: a txn that was committed, or the reply to a session that named its state. */
export interface Subject {
  readonly is: 'txn' | 'reply';
  readonly zxid: number;
  /** Of a reply: whose. */
  readonly session?: bigint;
  /** Of a reply: what it must have been about, if that matters. */
  readonly path?: string;
}

/**
 * What is known to be true: the txns that were committed, in their order, and what the clients asked for. What any
 * client was told is held against it. In the simulation it grows as things happen; of a run with real servers it is
 * made afterwards, from their logs.
 */
export interface Model {
  /** Whether a leader may have been Apache's (see `isLateForAClose`). */
  readonly hasApacheServers: boolean;
  readonly tree: GhostTree;
  readonly requests: RequestLedger;
  /** Whether a server may show the tree as of this zxid, which is a txn's or that of an epoch's beginning. */
  isCommitted(zxid: number): boolean;
  /** A property of reliability §5 that does not hold, and what the message speaks of by its zxid. */
  report(property: string, message: string, subjects?: readonly Subject[]): void;
  /** What a run has been through, counted. */
  mark(what: string): void;
}
