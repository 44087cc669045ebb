import type { WriteOp } from './write-op.ts';

export interface ReadOp {
  readonly f: 'getData' | 'exists' | 'getChildren';
  readonly path: string;
  readonly watch: boolean;
}

export interface SyncOp {
  readonly f: 'sync';
  readonly path: string;
}

/** What a client asks for. */
export type RequestOp = WriteOp | ReadOp | SyncOp;

export function isReadOp(op: RequestOp): op is ReadOp {
  return op.f === 'getData' || op.f === 'exists' || op.f === 'getChildren';
}

export function describeOp(op: RequestOp): string {
  switch (op.f) {
    case 'closeSession':
      return op.f;
    case 'multi':
      return `multi [${op.ops.map(describeOp).join(', ')}]`;
    case 'create':
    case 'create2':
      return `${op.f} ${op.path} flags ${op.flags}`;
    default:
      return `${op.f} ${op.path}${'version' in op ? ` v${op.version}` : ''}${'watch' in op && op.watch ? ' watching' : ''}`;
  }
}
