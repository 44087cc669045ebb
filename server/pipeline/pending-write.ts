import type { Txn } from '../wire/txns/txn.ts';
import type { TxnHeader } from '../wire/txns/txn-header.ts';
import type { Zxid } from '../base/zxid.ts';
import type { ClientConnection } from './client-connection.ts';
import type { StatWanted } from './write-requests.ts';

/** A write that a client waits for. */
export interface PendingWrite {
  readonly type: 'write';
  readonly xid: number;
  /** The request's opcode, which decides the form of the answer; the txn's is −1 for a refused one. */
  readonly opcode: number;
  readonly receivedAtMs: number;
  /** Of the request in bytes, for the bound on what is in flight. */
  readonly size: number;
  /**
   * The leader has it: its txn will come back like any other, and is known by session and xid. What was logged here
   * before it was sent is none of it, whatever xid it has: clients may count anew when they come back to a session.
   * Null for what was not forwarded.
   */
  readonly forwardedAfter: Zxid | null;
  /** Of a multi that was forwarded. Of one that was not, the txn itself says it. */
  readonly statWanted: StatWanted;
}

/** A txn that is logged, or on its way to the log, and not applied yet. */
export interface LoggedTxn extends PendingWrite {
  readonly header: TxnHeader;
  readonly txn: Txn;
  /** Or else another server prepared it. */
  readonly isPreparedHere: boolean;
  /** Of the client that waits for it; null where no client of this server proposed it. */
  readonly connection: ClientConnection | null;
}
