/** A write as a client asks for it. */
export type SingleWriteOp =
  | {
      readonly f: 'create' | 'create2';
      readonly path: string;
      readonly data: Uint8Array | null;
      readonly flags: number;
    }
  | { readonly f: 'delete' | 'check'; readonly path: string; readonly version: number }
  | {
      readonly f: 'setData';
      readonly path: string;
      readonly data: Uint8Array | null;
      readonly version: number;
    }
  | { readonly f: 'setAcl'; readonly path: string; readonly version: number };

export type WriteOp =
  | SingleWriteOp
  | { readonly f: 'multi'; readonly ops: readonly SingleWriteOp[] }
  | { readonly f: 'closeSession' };

/** And as an operator does. */
export type RequestedWrite = WriteOp | { readonly f: 'reconfig' };
