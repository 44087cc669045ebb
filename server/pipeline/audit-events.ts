import { ErrorCode } from '../wire/error-code.ts';
import { OpCode } from '../wire/opcode.ts';
import { permLetters, type Acl } from '../wire/records/acl.ts';
import type { SubTxn, Txn } from '../wire/txns/txn.ts';
import type { RequestSubject } from './request-subject.ts';

/** A line of the audit log, as Apache has them: who did what to which znode, and whether it was done. */
export interface AuditEvent {
  /** Null for what is nobody's. */
  readonly session: string | null;
  readonly user: string | null;
  readonly ip: string | null;
  readonly operation: string;
  readonly znode: string | null;
  readonly znodeType: string | null;
  readonly acl: string | null;
  readonly result: 'success' | 'failure' | 'invoked';
}

export type AuditDetails = Omit<AuditEvent, 'session' | 'user' | 'ip'>;

const OPERATIONS: ReadonlyMap<number, string> = new Map<number, string>([
  [OpCode.create, 'create'],
  [OpCode.create2, 'create'],
  [OpCode.createContainer, 'create'],
  [OpCode.createTtl, 'create'],
  [OpCode.delete, 'delete'],
  [OpCode.setData, 'setData'],
  [OpCode.setAcl, 'setAcl'],
  [OpCode.multi, 'multiOperation'],
  [OpCode.reconfig, 'reconfig'],
]);
/** Of a multi Apache tells no more than these. */
const TOLD_OF_MULTI: ReadonlySet<string> = new Set(['create', 'delete', 'setData']);

/** What is told of a request when its txn has been applied. Nothing of sessions: they are no operations there. */
export function* auditDetails(opcode: number, subject: RequestSubject, txn: Txn): Generator<AuditDetails> {
  const operation = OPERATIONS.get(opcode);
  if (operation === undefined) return;
  if (txn.type === OpCode.multi) {
    yield* detailsOfMulti(txn.txns, subject);
    return;
  }
  const isDone = txn.type !== OpCode.error;
  yield {
    operation,
    znode: isDone && 'path' in txn ? txn.path : subject.path,
    znodeType: subject.znodeType,
    acl: subject.acl === null ? null : aclInWords(subject.acl),
    result: isDone ? 'success' : 'failure',
  };
}

function* detailsOfMulti(txns: readonly SubTxn[], { znodeTypes }: RequestSubject): Generator<AuditDetails> {
  const isRefused = txns.some((txn) => txn.type === OpCode.error && txn.err !== ErrorCode.ok);
  if (isRefused) {
    yield { operation: 'multiOperation', znode: null, znodeType: null, acl: null, result: 'failure' };
    return;
  }
  for (const [index, txn] of txns.entries()) {
    const operation = OPERATIONS.get(txn.type);
    if (operation === undefined || !TOLD_OF_MULTI.has(operation) || !('path' in txn)) continue;
    const znodeType = znodeTypes[index] ?? null;
    yield { operation, znode: txn.path, znodeType, acl: null, result: 'success' };
  }
}

/** As Apache writes it, but that of a digest only the user is told: who has the rest may guess the password by it. */
function aclInWords(acl: readonly Acl[]): string {
  return acl
    .map(({ scheme, id, perms }) => {
      const shown = scheme === 'digest' ? `${(id ?? '').split(':')[0]}:*` : (id ?? '');
      return `${scheme ?? ''}:${shown}:${permLetters(perms)}`;
    })
    .join(',');
}
