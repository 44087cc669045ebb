import { OpCode } from '../../server/wire/opcode.ts';
import type { MultiReadOp, RequestOp } from '../model/request-op.ts';
import type { RequestedWrite } from '../model/write-op.ts';

/** A request, and what came of it. */
export interface Exchange {
  /** Who asked: it may have had several sessions. */
  readonly client: number;
  readonly session: bigint;
  /** Which server was asked, `host:port`. */
  readonly server: string;
  /** Unique within its session. */
  readonly xid: number;
  /** Null for what the model knows nothing of. */
  readonly op: RequestOp | RequestedWrite | MultiReadOp | null;
  readonly opCode: number;
  readonly sentNs: number;
  /** Null if none came before the connection ended: of a write nobody knows whether it was done. */
  reply: Reply | null;
}

export interface Reply {
  readonly receivedNs: number;
  readonly err: number;
  readonly zxid: number;
  /** What follows the header. Empty where it was refused. */
  readonly body: Uint8Array;
}

/** What befell a client. All times in ns since the run's start. */
export type Happening =
  | { readonly type: 'request' | 'reply'; readonly atNs: number; readonly exchange: Exchange }
  /** A watch event. `zxid` is −1 where the server does not say. */
  | {
      readonly type: 'event';
      readonly atNs: number;
      readonly client: number;
      readonly session: bigint;
      readonly zxid: number;
      readonly eventType: number;
      readonly path: string;
    }
  /** The session was made, or goes on over a new connection. */
  | {
      readonly type: 'attached';
      readonly atNs: number;
      readonly client: number;
      readonly session: bigint;
      readonly server: string;
      /** As negotiated. */
      readonly timeoutMs: number;
      /** The session it asked for; 0 for a new one. */
      readonly asked: bigint;
    }
  /** A reply to what was not asked, or not next. A client hangs up on it. */
  | {
      readonly type: 'stray';
      readonly atNs: number;
      readonly client: number;
      readonly session: bigint;
      readonly xid: number;
    }
  /** The client was told that its session is gone. */
  | { readonly type: 'expired'; readonly atNs: number; readonly client: number; readonly session: bigint }
  /** A connection that had a session has ended. */
  | { readonly type: 'lost'; readonly atNs: number; readonly client: number; readonly session: bigint }
  | { readonly type: 'note'; readonly atNs: number; readonly client: number; readonly note: unknown };

/** Whether it may change anything. */
export function isWrite({ opCode }: Pick<Exchange, 'opCode'>): boolean {
  return !READS.has(opCode);
}

const READS: ReadonlySet<number> = new Set([
  OpCode.exists,
  OpCode.getData,
  OpCode.getAcl,
  OpCode.getChildren,
  OpCode.getChildren2,
  OpCode.sync,
  OpCode.multiRead,
]);
