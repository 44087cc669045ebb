import { printable } from '../base/printable.ts';
import { OpCode } from '../wire/opcode.ts';
import { permLetters, type Acl } from '../wire/records/acl.ts';
import type { Txn } from '../wire/txns/txn.ts';

/** As TxnLogToolkit names them. */
const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(OpCode).map(([name, code]) => [code, name === 'setAcl' ? 'setACL' : name]),
);

export function txnTypeName(type: number): string {
  return NAMES.get(type) ?? `unknown ${type}`;
}

/** What a txn does, without the data and the identities of digest ACLs: a listing may be shown to others. */
export interface TxnSummary {
  readonly type: string;
  readonly path?: string;
  readonly dataBytes?: number;
  /** Of a setData or a setACL: the version after it. */
  readonly version?: number;
  readonly acl?: string;
  readonly isEphemeral?: true;
  readonly ttlMs?: number;
  readonly timeoutMs?: number;
  readonly error?: number;
  /** Ephemerals that end with the session. */
  readonly paths?: readonly string[];
  readonly txns?: readonly TxnSummary[];
}

export function summaryOf(txn: Txn): TxnSummary {
  const type = txnTypeName(txn.type);
  switch (txn.type) {
    case OpCode.createSession:
      return { type, timeoutMs: txn.timeOut };
    case OpCode.closeSession:
      return txn.paths2Delete === null ? { type } : { type, paths: txn.paths2Delete };
    case OpCode.multi:
      return { type, txns: txn.txns.map(summaryOf) };
    case OpCode.error:
      return { type, error: txn.err };
    case OpCode.setAcl:
      return { type, path: txn.path, version: txn.version, acl: aclText(txn.acl ?? []) };
    case OpCode.setData:
    case OpCode.reconfig:
      return { type, path: txn.path, dataBytes: txn.data?.length ?? 0, version: txn.version };
    case OpCode.check:
      return { type, path: txn.path, version: txn.version };
    case OpCode.delete:
    case OpCode.deleteContainer:
      return { type, path: txn.path };
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
    case OpCode.createTtl:
      return {
        type,
        path: txn.path,
        dataBytes: txn.data?.length ?? 0,
        acl: aclText(txn.acl ?? []),
        ...('ephemeral' in txn && txn.ephemeral ? { isEphemeral: true } : {}),
        ...('ttl' in txn ? { ttlMs: txn.ttl } : {}),
      };
  }
}

/** On one line. */
export function summaryLine(summary: TxnSummary): string {
  const { type, path, dataBytes, version, acl, isEphemeral, ttlMs, timeoutMs, error, paths, txns } = summary;
  const words = [type];
  if (path !== undefined) words.push(printableWord(path));
  if (isEphemeral) words.push('ephemeral');
  if (ttlMs !== undefined) words.push(`ttl ${ttlMs}`);
  if (timeoutMs !== undefined) words.push(String(timeoutMs));
  if (error !== undefined) words.push(String(error));
  if (dataBytes !== undefined) words.push(`data ${dataBytes}`);
  if (version !== undefined) words.push(`version ${version}`);
  if (acl !== undefined) words.push(`acl ${acl}`);
  if (paths !== undefined && paths.length > 0) words.push(paths.map(printableWord).join(' '));
  if (txns !== undefined) words.push(txns.map((txn) => `{${summaryLine(txn)}}`).join(' '));
  return words.join(' ');
}

/** Whole, however long, and without what would break the line or fool a terminal. */
export function printableWord(text: string): string {
  return printable(text, Number.POSITIVE_INFINITY);
}

/** `scheme:id:cdrwa`, several of them with commas between; of a digest only the user. */
export function aclText(acl: readonly Acl[]): string {
  return acl
    .map(({ perms, scheme, id }) => {
      const shown = scheme === 'digest' ? `${(id ?? '').split(':')[0]}:*` : (id ?? '');
      return printableWord(`${scheme ?? ''}:${shown}:${permLetters(perms)}`);
    })
    .join(',');
}
