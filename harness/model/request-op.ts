import type { WriteOp } from './write-op.ts';

export interface ReadOp {
  readonly f: 'getData' | 'exists' | 'getChildren';
  readonly path: string;
  readonly watch: boolean;
}

/** Several reads of one state; none of them sets a watch. */
export interface MultiReadOp {
  readonly f: 'multiRead';
  readonly ops: readonly ReadOp[];
}

export interface SyncOp {
  readonly f: 'sync';
  readonly path: string;
}

/** What a client asks for. */
export type RequestOp = WriteOp | ReadOp | SyncOp;

export function isReadOp(op: { readonly f: string }): op is ReadOp {
  return op.f === 'getData' || op.f === 'exists' || op.f === 'getChildren';
}

export function describeOp(op: RequestOp | MultiReadOp): string {
  switch (op.f) {
    case 'closeSession':
      return op.f;
    case 'multi':
    case 'multiRead':
      return `${op.f} [${op.ops.map(describeOp).join(', ')}]`;
    case 'create':
    case 'create2':
      return `${op.f} ${op.path} flags ${op.flags}`;
    default:
      return `${op.f} ${op.path}${'version' in op ? ` v${op.version}` : ''}${'watch' in op && op.watch ? ' watching' : ''}`;
  }
}
