import type { Zxid } from '../../server/base/zxid.ts';
import { OpCode } from '../../server/wire/opcode.ts';
import type { TxnHeader } from '../../server/wire/txns/txn-header.ts';
import type { SubTxn, Txn } from '../../server/wire/txns/txn.ts';

/** A znode in one of its states. Never changed: a change makes another. */
export interface GhostNode {
  readonly data: Uint8Array | null;
  readonly czxid: number;
  readonly mzxid: number;
  readonly pzxid: number;
  readonly ctime: number;
  readonly mtime: number;
  readonly version: number;
  readonly aversion: number;
  /** Children ever made. */
  readonly creates: number;
  readonly owner: bigint;
  readonly numChildren: number;
}

interface Version {
  readonly zxid: number;
  readonly node: GhostNode | null;
}

/** What a watch could have been told. */
export interface GhostChange {
  readonly zxid: number;
  /** 1 created, 2 deleted, 3 data changed, 4 children changed. */
  readonly type: number;
}

const EMPTY: readonly never[] = [];
const NEW_NODE: GhostNode = {
  data: null,
  czxid: 0,
  mzxid: 0,
  pzxid: 0,
  ctime: 0,
  mtime: 0,
  version: 0,
  aversion: 0,
  creates: 0,
  owner: 0n,
  numChildren: 0,
};

/**
 * The tree as the committed txns make it, at every zxid it ever had: what a read must show that says it is of
 * that zxid. It shares no code with the server's tree.
 */
export class GhostTree {
  readonly #versions = new Map<string, Version[]>();
  readonly #children = new Map<string, Set<string>>();
  readonly #dataChanges = new Map<string, GhostChange[]>();
  readonly #childChanges = new Map<string, GhostChange[]>();
  readonly #ephemerals = new Map<bigint, Set<string>>();
  /** Alive sessions, and their time-outs. */
  readonly sessions = new Map<bigint, number>();
  /** Sessions that have ended, and when. */
  readonly closedAt = new Map<bigint, number>();
  lastZxid = 0;
  /** Why the txn last applied could not be, or null. */
  fault: string | null = null;
  /** What each part of the txn last applied made; null for what it took away or only looked at. */
  readonly made: { readonly path: string; readonly node: GhostNode | null }[] = [];

  constructor() {
    this.#set('/', 0, { ...NEW_NODE, numChildren: 1 });
    this.#set('/zookeeper', 0, { ...NEW_NODE, numChildren: 2 });
    this.#set('/zookeeper/config', 0, NEW_NODE);
    this.#set('/zookeeper/quota', 0, NEW_NODE);
    for (const [parent, name] of [
      ['/', 'zookeeper'],
      ['/zookeeper', 'config'],
      ['/zookeeper', 'quota'],
    ] as const) {
      this.#childNames(parent).add(name);
    }
  }

  /** The state of a znode just after `zxid`, or null if there was none. */
  at(path: string, zxid: number): GhostNode | null {
    const versions = this.#versions.get(path);
    if (versions === undefined) return null;
    for (let i = versions.length - 1; i >= 0; i--) {
      const version = versions[i] as Version;
      if (version.zxid <= zxid) return version.node;
    }
    return null;
  }

  childrenAt(path: string, zxid: number): string[] {
    const prefix = path === '/' ? '/' : `${path}/`;
    const found: string[] = [];
    for (const name of this.#children.get(path) ?? EMPTY) {
      if (this.at(prefix + name, zxid) !== null) found.push(name);
    }
    return found.sort();
  }

  /** What befell the znode's data or existence, or its list of children, in order. */
  changesOf(kind: 'data' | 'child', path: string): readonly GhostChange[] {
    return (kind === 'data' ? this.#dataChanges : this.#childChanges).get(path) ?? EMPTY;
  }

  ephemeralsOf(session: bigint): ReadonlySet<string> {
    return this.#ephemerals.get(session) ?? new Set();
  }

  /** Why it can't be what a right server would have proposed stands in `fault`. */
  apply(header: TxnHeader, txn: Txn): void {
    this.fault = null;
    this.made.length = 0;
    const { zxid, clientId } = header;
    this.lastZxid = zxid;
    switch (txn.type) {
      case OpCode.createSession:
        this.sessions.set(clientId, txn.timeOut);
        return;
      case OpCode.closeSession:
        this.#closeSession(clientId, txn.paths2Delete, zxid);
        return;
      case OpCode.multi:
        if (txn.txns.some((sub) => sub.type === OpCode.error)) return;
        for (const sub of txn.txns) {
          this.#applySub(header, sub);
          if (sub.type !== OpCode.error) this.made.push({ path: sub.path, node: this.#latest(sub.path) });
        }
        return;
      default:
        this.#applySub(header, txn);
        if (txn.type !== OpCode.error) this.made.push({ path: txn.path, node: this.#latest(txn.path) });
    }
  }

  #applySub(header: TxnHeader, txn: SubTxn): void {
    const { zxid, time } = header;
    switch (txn.type) {
      case OpCode.create:
      case OpCode.create2:
      case OpCode.createContainer:
      case OpCode.createTtl:
        this.#create(header, txn.path, txn.data, 'ephemeral' in txn && txn.ephemeral, txn.parentCVersion);
        return;
      case OpCode.delete:
      case OpCode.deleteContainer:
        this.#delete(txn.path, zxid);
        return;
      case OpCode.setData: {
        const node = this.#latest(txn.path);
        if (node === null) return this.#fail(`setData of ${txn.path}, which is not there`);
        if (txn.version !== node.version + 1) {
          this.#fail(`setData makes version ${txn.version} of ${txn.path} from ${node.version}`);
        }
        this.#set(txn.path, zxid, {
          ...node,
          data: own(txn.data),
          version: txn.version,
          mzxid: zxid,
          mtime: time,
        });
        this.#changed(this.#dataChanges, txn.path, zxid, 3);
        return;
      }
      case OpCode.setAcl: {
        const node = this.#latest(txn.path);
        if (node === null) return this.#fail(`setACL of ${txn.path}, which is not there`);
        this.#set(txn.path, zxid, { ...node, aversion: txn.version });
        return;
      }
      default:
    }
  }

  #create(
    { zxid, time, clientId }: TxnHeader,
    path: string,
    data: Uint8Array | null,
    isEphemeral: boolean,
    parentCVersion: number,
  ): void {
    const parentPath = parentOf(path);
    const parent = this.#latest(parentPath);
    if (parent === null) return this.#fail(`create of ${path} below nothing`);
    if (this.#latest(path) !== null) this.#fail(`create of ${path}, which is there`);
    if (parent.owner !== 0n) this.#fail(`create of ${path} below an ephemeral`);
    if (isEphemeral && !this.sessions.has(clientId)) {
      this.#fail(`ephemeral ${path} of session ${hex(clientId)}, which has ended`);
    }
    const creates = parent.creates + 1;
    if (parentCVersion !== -1 && parentCVersion !== creates) {
      this.#fail(`create of ${path} makes the parent's counter ${parentCVersion} and not ${creates}`);
    }
    this.#set(path, zxid, {
      ...NEW_NODE,
      data: own(data),
      czxid: zxid,
      mzxid: zxid,
      pzxid: zxid,
      ctime: time,
      mtime: time,
      owner: isEphemeral ? clientId : 0n,
    });
    this.#set(parentPath, zxid, { ...parent, creates, numChildren: parent.numChildren + 1, pzxid: zxid });
    this.#childNames(parentPath).add(path.slice(path.lastIndexOf('/') + 1));
    if (isEphemeral) {
      const owned = this.#ephemerals.get(clientId) ?? new Set();
      owned.add(path);
      this.#ephemerals.set(clientId, owned);
    }
    this.#changed(this.#dataChanges, path, zxid, 1);
    this.#changed(this.#childChanges, parentPath, zxid, 4);
  }

  #delete(path: string, zxid: number): void {
    const node = this.#latest(path);
    if (node === null) return this.#fail(`delete of ${path}, which is not there`);
    if (node.numChildren > 0) this.#fail(`delete of ${path}, which has children`);
    const parentPath = parentOf(path);
    const parent = this.#latest(parentPath);
    if (parent === null) return this.#fail(`delete of ${path} below nothing`);
    this.#set(path, zxid, null);
    this.#set(parentPath, zxid, { ...parent, numChildren: parent.numChildren - 1, pzxid: zxid });
    if (node.owner !== 0n) this.#ephemerals.get(node.owner)?.delete(path);
    this.#changed(this.#dataChanges, path, zxid, 2);
    this.#changed(this.#childChanges, path, zxid, 2);
    this.#changed(this.#childChanges, parentPath, zxid, 4);
  }

  #closeSession(session: bigint, named: readonly string[] | null, zxid: number): void {
    if (!this.sessions.has(session)) {
      if ((named?.length ?? 0) > 0) this.#fail(`session ${hex(session)} is closed twice, and has ephemerals`);
      return;
    }
    const owned = [...this.ephemeralsOf(session)];
    if (named !== null) {
      const missed = owned.filter((path) => !named.includes(path));
      const strange = named.filter((path) => !owned.includes(path));
      // A txn that would have been too long names none (server-core).
      if (strange.length > 0 || (missed.length > 0 && named.length > 0)) {
        this.#fail(
          `the end of session ${hex(session)} names [${named.join(' ')}], and it has [${owned.join(' ')}]`,
        );
      }
    }
    for (const path of owned) this.#delete(path, zxid);
    this.#ephemerals.delete(session);
    this.sessions.delete(session);
    this.closedAt.set(session, zxid);
  }

  #latest(path: string): GhostNode | null {
    return this.#versions.get(path)?.at(-1)?.node ?? null;
  }

  #set(path: string, zxid: number, node: GhostNode | null): void {
    const versions = this.#versions.get(path);
    if (versions === undefined) this.#versions.set(path, [{ zxid, node }]);
    else versions.push({ zxid, node });
  }

  #childNames(path: string): Set<string> {
    let names = this.#children.get(path);
    if (names === undefined) this.#children.set(path, (names = new Set()));
    return names;
  }

  #changed(changes: Map<string, GhostChange[]>, path: string, zxid: number, type: number): void {
    const list = changes.get(path);
    if (list === undefined) changes.set(path, [{ zxid, type }]);
    else list.push({ zxid, type });
  }

  #fail(fault: string): void {
    this.fault ??= fault;
  }
}

export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

export function hex(id: bigint): string {
  return `0x${BigInt.asUintN(64, id).toString(16)}`;
}

export function zx(zxid: number): string {
  return `0x${(zxid as Zxid).toString(16)}`;
}

function own(data: Uint8Array | null): Uint8Array | null {
  return data === null ? null : data.slice();
}
