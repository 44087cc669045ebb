import type { SessionId } from '../base/session-id.ts';
import { formatZxid, type Zxid } from '../base/zxid.ts';
import { type DiskScript, withFile } from '../storage/disk-script.ts';
import type { NamedFile } from '../storage/file-names.ts';
import { readSnapshot, type SnapshotEnd, type SnapshotSink } from '../storage/snapshot-reader.ts';
import { contentCrc, crcOfPath, DigestSum, nodeDigest } from '../tree/digest.ts';
import type { Acl } from '../wire/records/acl.ts';
import type { StatPersisted } from '../wire/records/stat-persisted.ts';
import { hex64 } from './hex.ts';
import { timeText } from './print-log.ts';
import { aclText, printableWord } from './txn-words.ts';

export interface SnapshotNode {
  readonly path: string;
  readonly dataBytes: number;
  readonly stat: StatPersisted;
  /** As `aclText` writes it. */
  readonly acl: string;
}

export interface SnapshotSummary {
  readonly nodeCount: number;
  readonly sessions: readonly (readonly [SessionId, number])[];
  readonly dataBytes: number;
  readonly end: SnapshotEnd;
  /** Of the nodes as the file has them, unsigned. */
  readonly digest: bigint;
  /**
   * Null where the file alone cannot tell: it has no digest of a version that is known, or was written while the tree
   * changed, and has it at a later zxid than it begins at.
   */
  readonly isDigestRight: boolean | null;
}

/**
 * Reads a snapshot node by node and checks every seal, and the digest against the nodes.
 *
 * @throws StorageError `corrupt` with the place.
 */
export function* readSnapshotFile(
  { path, zxid }: Pick<NamedFile, 'path' | 'zxid'>,
  onNode: (node: SnapshotNode) => void,
): DiskScript<SnapshotSummary> {
  const sink = new ListingSink(onNode);
  const end = yield* withFile(path, 'read', (file) => readSnapshot(file, sink));
  const digest = (BigInt(sink.digest.high) << 32n) | BigInt(sink.digest.low);
  const recorded = end.digest?.treeDigest ?? null;
  const isComparable = recorded !== null && end.digest?.zxid === zxid;
  const { nodeCount, sessions, dataBytes } = sink;
  return {
    nodeCount,
    sessions,
    dataBytes,
    end,
    digest,
    isDigestRight: isComparable ? recorded === digest : null,
  };
}

class ListingSink implements SnapshotSink {
  readonly digest = new DigestSum();
  readonly sessions: [SessionId, number][] = [];
  nodeCount = 0;
  dataBytes = 0;
  readonly #acls = new Map<number, string>();
  readonly #onNode: (node: SnapshotNode) => void;

  constructor(onNode: (node: SnapshotNode) => void) {
    this.#onNode = onNode;
  }

  onSnapshotSession(sessionId: SessionId, timeoutMs: number): void {
    this.sessions.push([sessionId, timeoutMs]);
  }

  onSnapshotAcl(aclId: number, acl: readonly Acl[]): void {
    this.#acls.set(aclId, aclText(acl));
  }

  onSnapshotNode(stored: string, data: Uint8Array | null, aclId: number, stat: StatPersisted): void {
    const path = stored === '' ? '/' : stored;
    const dataBytes = data?.length ?? 0;
    this.nodeCount++;
    this.dataBytes += dataBytes;
    const content = contentCrc(crcOfPath(path), data);
    this.digest.add(nodeDigest(path, content, { ...stat, ephemeralOwner: stat.ephemeralOwner as SessionId }));
    // −1 is the number of the list that lets everybody do everything, and stands in no file.
    const acl = this.#acls.get(aclId) ?? 'world:anyone:cdrwa';
    this.#onNode({ path, dataBytes, stat, acl });
  }
}

const zxid14 = (zxid: Zxid): string => `0x${zxid.toString(16).padStart(14, '0')}`;
const owner14 = (owner: bigint): string => `0x${BigInt.asUintN(64, owner).toString(16).padStart(14, '0')}`;

/** SnapshotFormatter's block of lines, with the ACL below it and the times in ISO. */
export function nodeLines({ path, dataBytes, stat, acl }: SnapshotNode): string {
  return [
    '----',
    printableWord(path),
    `  cZxid = ${zxid14(stat.czxid)}`,
    `  ctime = ${timeText(stat.ctime)}`,
    `  mZxid = ${zxid14(stat.mzxid)}`,
    `  mtime = ${timeText(stat.mtime)}`,
    `  pZxid = ${zxid14(stat.pzxid)}`,
    `  cversion = ${stat.cversion}`,
    `  dataVersion = ${stat.version}`,
    `  aclVersion = ${stat.aversion}`,
    `  ephemeralOwner = ${owner14(stat.ephemeralOwner)}`,
    `  dataLength = ${dataBytes}`,
    `  acl = ${acl}`,
  ].join('\n');
}

export function nodeJson({ path, dataBytes, stat, acl }: SnapshotNode): string {
  return JSON.stringify({
    path,
    czxid: formatZxid(stat.czxid),
    ctime: timeText(stat.ctime),
    mzxid: formatZxid(stat.mzxid),
    mtime: timeText(stat.mtime),
    pzxid: formatZxid(stat.pzxid),
    cversion: stat.cversion,
    version: stat.version,
    aversion: stat.aversion,
    ephemeralOwner: hex64(stat.ephemeralOwner),
    dataBytes,
    acl,
  });
}
