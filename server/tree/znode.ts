import { NO_SESSION, type SessionId } from '../base/session-id.ts';
import { ZXID_ZERO, type Zxid } from '../base/zxid.ts';
import type { JuteWriter } from '../wire/jute-writer.ts';
import { Children } from './children.ts';
import type { NodeRecord } from './node-record.ts';

/** The raw ephemeralOwner of a container node: the sign bit alone (protocol §1.7). */
export const CONTAINER_OWNER = -0x8000000000000000n as SessionId;
const TTL_PREFIX = 0xffn << 56n;
const PREFIX_MASK = 0xffn << 56n;
const TTL_MASK = (1n << 40n) - 1n;

/** The raw ephemeralOwner of a TTL node: 0xff, two zero bytes of features, five bytes of milliseconds. */
export function ttlOwner(ttlMs: number): SessionId {
  return BigInt.asIntN(64, TTL_PREFIX | BigInt(ttlMs)) as SessionId;
}

/** How long a TTL node lives after its last change, in ms; null for a node of another kind. */
export function ttlOf(owner: SessionId): number | null {
  const raw = BigInt.asUintN(64, owner);
  return (raw & PREFIX_MASK) === TTL_PREFIX ? Number(raw & TTL_MASK) : null;
}

/** Whether the node goes away with a session: not persistent, not a container, not a TTL node. */
export function isEphemeralOwner(owner: SessionId): boolean {
  if (owner === NO_SESSION) return false;
  return owner !== CONTAINER_OWNER && (BigInt.asUintN(64, owner) & PREFIX_MASK) !== TTL_PREFIX;
}

/** What a node's Stat is made of, for a node that is there and for one that outstanding requests will make. */
export interface NodeStat {
  czxid: Zxid;
  mzxid: Zxid;
  ctime: number;
  mtime: number;
  version: number;
  /** ZooKeeper's internal counter: children ever created. Clients see `2 * cversion - numChildren`. */
  cversion: number;
  aversion: number;
  ephemeralOwner: SessionId;
  pzxid: Zxid;
}

/** One node of the tree. `path` is "" for the root, as on disk and in the digest. */
export class Znode implements NodeStat {
  readonly path: string;
  #data: Uint8Array | null;
  #dataLength: number;
  aclId: number;
  czxid: Zxid = ZXID_ZERO;
  mzxid: Zxid = ZXID_ZERO;
  ctime = 0;
  mtime = 0;
  version = 0;
  cversion = 0;
  aversion = 0;
  ephemeralOwner: SessionId = NO_SESSION;
  pzxid: Zxid = ZXID_ZERO;
  /** Null until there was one. */
  children: Children | null = null;
  /** CRC-32 of the path. */
  pathCrc = 0;
  /** CRC-32 of path and data, from which the node's digest goes on with the stat. */
  contentCrc = 0;
  /** What this node adds to the tree's digest. */
  digest = 0;
  /** The number of the last snapshot that has this node or need not have it (see `SnapshotView`). */
  snapshotMark = 0;
  /** What it will be, if outstanding requests change it and no more than that (see `OutstandingChanges`). */
  outstanding: NodeRecord | null = null;

  constructor(path: string, data: Uint8Array | null, aclId: number) {
    this.path = path;
    this.#data = data;
    this.#dataLength = data === null ? 0 : data.length;
    this.aclId = aclId;
  }

  get data(): Uint8Array | null {
    return this.#data;
  }

  /** Bytes; 0 where there is no data. Kept here, because an array that was not used for a while is far away. */
  get dataLength(): number {
    return this.#dataLength;
  }

  /** @param length of `data`, or 0 for null. */
  setData(data: Uint8Array | null, length: number): void {
    this.#data = data;
    this.#dataLength = length;
  }

  /** Reads what lies in heap objects of its own, as all numbers of more than 31 bits do. */
  touch(): number {
    const { czxid, mzxid, ctime, mtime, pzxid, pathCrc, contentCrc, digest } = this;
    return czxid + mzxid + ctime + mtime + pzxid + pathCrc + contentCrc + digest + this.path.length;
  }

  get childCount(): number {
    return this.children === null ? 0 : this.children.size;
  }

  addChild(name: string): void {
    this.children ??= new Children();
    this.children.add(name);
  }

  removeChild(name: string): void {
    this.children?.delete(name);
  }

  /** About what the names of its children take in a reply, bytes. */
  get childNamesBytes(): number {
    return this.children === null ? 0 : this.children.approximateBytes;
  }
}

/** The 68 bytes a client sees (protocol §1.5). */
export function writeNodeStat(writer: JuteWriter, node: Znode): void {
  const childCount = node.childCount;
  writer.long(node.czxid);
  writer.long(node.mzxid);
  writer.long(node.ctime);
  writer.long(node.mtime);
  writer.int(node.version);
  writer.int((2 * node.cversion - childCount) | 0);
  writer.int(node.aversion);
  if (isEphemeralOwner(node.ephemeralOwner)) writer.bigLong(node.ephemeralOwner);
  else writer.long(0);
  writer.int(node.dataLength);
  writer.int(childCount);
  writer.long(node.pzxid);
}

/** The names of its children as a vector, in the order in which they came. */
export function writeChildren(writer: JuteWriter, node: Znode): void {
  writer.int(node.childCount);
  if (node.children !== null) for (const name of node.children) writer.string(name);
}

/** The 60 bytes on disk (protocol §3.3), which are also the last 60 that a node's digest covers (§2.1, in another order). */
export function writeStatPersisted(writer: JuteWriter, node: NodeStat): void {
  writer.long(node.czxid);
  writer.long(node.mzxid);
  writer.long(node.ctime);
  writer.long(node.mtime);
  writer.int(node.version);
  writer.int(node.cversion);
  writer.int(node.aversion);
  writer.bigLong(node.ephemeralOwner);
  writer.long(node.pzxid);
}
