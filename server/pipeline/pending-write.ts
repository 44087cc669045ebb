import type { NodeRecord } from '../tree/outstanding-changes.ts';
import type { Txn } from '../wire/txns/txn.ts';
import type { TxnHeader } from '../wire/txns/txn-header.ts';
import type { ClientConnection } from './client-connection.ts';

/** A txn on its way to the disk, and who waits for it. */
export interface PendingWrite {
  readonly type: 'write';
  readonly header: TxnHeader;
  readonly txn: Txn;
  /** The nodes as the txn leaves them, with their digests. */
  readonly changes: readonly NodeRecord[];
  /** Null for what no client asked for: an expired session's end. */
  readonly connection: ClientConnection | null;
  readonly xid: number;
  /** The request's opcode, which decides the form of the answer; `header.type` is −1 for a refused one. */
  readonly opcode: number;
  readonly receivedAtMs: number;
  /** Of the request, for the bound on what is in flight. */
  readonly size: number;
}
