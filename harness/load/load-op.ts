import { OpKind } from '../history/op.ts';
import type { LoadOperation } from './load-operations.ts';

/** What the history calls each operation of a mix. */
export const KIND_OF: Readonly<Record<LoadOperation, OpKind>> = {
  read: OpKind.getData,
  write: OpKind.setData,
  create: OpKind.create,
  delete: OpKind.delete,
  exists: OpKind.exists,
  children: OpKind.getChildren,
  sync: OpKind.sync,
};

/** Arrays indexed by a kind have this length. */
export const KIND_SPAN = 16;

/** The next operation to send. One instance is filled again and again. */
export interface NextOp {
  kind: OpKind;
  /** Index of the znode, `ROOT_KEY` for the root. */
  key: number;
  /** Of the value, for `create` and `setData`. */
  valueBytes: number;
}

/** Where a lane's operations come from. */
export interface OpSource {
  /** Fills `next`; false if there is nothing to do now. */
  take(next: NextOp): boolean;
  /** Nothing will come any more, unless something that is in flight is missed. */
  readonly isExhausted: boolean;
  /**
   * The operation ended without success: `error` as in protocol §1.6, −4 if its connection was lost. A source
   * that has to see its operations through hands it out again.
   */
  missed(kind: OpKind, key: number, error: number): void;
}
