import { crc32 } from '../base/crc32.ts';
import { encodeUtf8Into, utf8Length } from '../base/utf8.ts';
import type { NodeStat } from './znode.ts';

/** A sum modulo 2^64, kept as two unsigned halves so that adding a node costs no bigint. */
export interface TreeDigest {
  readonly high: number;
  readonly low: number;
}

const TWO_32 = 2 ** 32;
const STAT_BYTES = 60;
const stat = new Uint8Array(STAT_BYTES);
const statView = new DataView(stat.buffer);
let scratch = new Uint8Array(1024);

/** The sum of the node digests of a tree (protocol §2.1), with nodes added and taken away one by one. */
export class DigestSum implements TreeDigest {
  high = 0;
  low = 0;

  add(nodeDigest: number): void {
    this.low += nodeDigest;
    if (this.low >= TWO_32) {
      this.low -= TWO_32;
      this.high = (this.high + 1) % TWO_32;
    }
  }

  subtract(nodeDigest: number): void {
    this.low -= nodeDigest;
    if (this.low < 0) {
      this.low += TWO_32;
      this.high = (this.high + TWO_32 - 1) % TWO_32;
    }
  }

  copyFrom(other: TreeDigest): void {
    this.high = other.high;
    this.low = other.low;
  }

  equals(other: TreeDigest): boolean {
    return this.high === other.high && this.low === other.low;
  }
}

/** CRC-32 of a node's path, which is "" for the root's: where every digest of this node begins. */
export function crcOfPath(path: string): number {
  if (path === '/') return 0;
  if (scratch.length < path.length * 3) scratch = new Uint8Array(utf8Length(path) * 2);
  const length = encodeUtf8Into(path, scratch, 0);
  return crc32(scratch.subarray(0, length));
}

/** CRC-32 of path and data: the part of a node's digest that a change of its stat leaves alone. */
export function contentCrc(pathCrc: number, data: Uint8Array | null): number {
  return data === null ? pathCrc : crc32(data, pathCrc);
}

/**
 * What a node adds to the tree's digest. The nodes below /zookeeper add nothing (quota statistics differ
 * between servers by design), /zookeeper itself does. The order of the fields is the digest's own and not
 * that of StatPersisted: pzxid stands third.
 */
export function nodeDigest(path: string, content: number, node: NodeStat): number {
  if (path.startsWith('/zookeeper/')) return 0;
  setLong(0, node.czxid);
  setLong(8, node.mzxid);
  setLong(16, node.pzxid);
  setLong(24, node.ctime);
  setLong(32, node.mtime);
  statView.setInt32(40, node.version);
  statView.setInt32(44, node.cversion);
  statView.setInt32(48, node.aversion);
  if (node.ephemeralOwner === 0n) {
    statView.setInt32(52, 0);
    statView.setInt32(56, 0);
  } else statView.setBigInt64(52, node.ephemeralOwner);
  return crc32(stat, content);
}

function setLong(at: number, value: number): void {
  const high = Math.floor(value / TWO_32);
  statView.setInt32(at, high);
  statView.setUint32(at + 4, value - high * TWO_32);
}
