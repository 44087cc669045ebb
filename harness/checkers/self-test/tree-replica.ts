import { ErrorCode } from '../../../server/wire/error-code.ts';

/** One change of a tree; its node's name is `<key>` or `<parent>/<sequence>`, and '' is the root. */
export interface Txn {
  readonly type: 'create' | 'set' | 'delete';
  readonly node: string;
  readonly valueId: number;
}

export interface TreeNode {
  version: number;
  czxid: number;
  mzxid: number;
  pzxid: number;
  valueId: number;
  children: number;
  childCreates: number;
}

/** A tree as one server has it, written for plainness and shared with nothing it is used to check. */
export class TreeReplica {
  readonly nodes = new Map<string, TreeNode>();
  appliedZxid: number;

  constructor(zxid: number) {
    this.appliedZxid = zxid;
  }

  apply(txns: readonly Txn[], zxid: number): void {
    for (const txn of txns) this.#applyOne(txn, zxid);
    this.appliedZxid = zxid;
  }

  /** What `txn` would be answered now. */
  errorOf(txn: Txn, askedVersion: number): number {
    const node = this.nodes.get(txn.node);
    if (txn.type === 'create') {
      if (txn.node !== '' && !this.nodes.has(parentOf(txn.node))) return ErrorCode.noNode;
      return node === undefined ? ErrorCode.ok : ErrorCode.nodeExists;
    }
    if (node === undefined) return ErrorCode.noNode;
    if (askedVersion >= 0 && askedVersion !== node.version) return ErrorCode.badVersion;
    return txn.type === 'delete' && node.children > 0 ? ErrorCode.notEmpty : ErrorCode.ok;
  }

  #applyOne(txn: Txn, zxid: number): void {
    const { node: name, valueId } = txn;
    const parent = name === '' ? undefined : this.nodes.get(parentOf(name));
    if (txn.type === 'set') {
      const node = this.nodes.get(name);
      if (node === undefined) return;
      node.version++;
      node.mzxid = zxid;
      node.valueId = valueId;
      return;
    }
    const isCreate = txn.type === 'create';
    const counters = { version: 0, children: 0, childCreates: 0 };
    if (isCreate) this.nodes.set(name, { ...counters, czxid: zxid, mzxid: zxid, pzxid: zxid, valueId });
    else this.nodes.delete(name);
    if (parent === undefined) return;
    parent.children += isCreate ? 1 : -1;
    parent.childCreates += isCreate ? 1 : 0;
    parent.pzxid = zxid;
  }
}

export function parentOf(name: string): string {
  const slash = name.indexOf('/');
  return slash === -1 ? '' : name.slice(0, slash);
}
