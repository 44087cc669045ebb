import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/** The digest algorithm's version this program knows; one of another version is not compared. */
export const DIGEST_VERSION = 2;

/** The digest of the tree after a transaction (protocol §2.1), behind it since 3.6. */
export interface TxnDigest {
  readonly version: number;
  /** Modulo 2^64, signed as it stands on the wire. */
  readonly treeDigest: bigint;
}

export function readTxnDigest(reader: JuteReader): TxnDigest {
  return { version: reader.int(), treeDigest: reader.bigLong() };
}

export function writeTxnDigest(writer: JuteWriter, digest: TxnDigest): void {
  writer.int(digest.version);
  writer.bigLong(digest.treeDigest);
}
