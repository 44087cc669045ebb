import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { type TxnDigest, readTxnDigest, writeTxnDigest } from './txn-digest.ts';
import { type TxnHeader, readTxnHeader, writeTxnHeader } from './txn-header.ts';
import { type Txn, readTxn, writeTxn } from './txn.ts';

/** One transaction as it stands in a log entry, a PROPOSAL and an INFORM: the same bytes in all three. */
export interface TxnEntry {
  readonly header: TxnHeader;
  readonly txn: Txn;
  /** Null where there is none: error transactions, and servers before 3.6. */
  readonly digest: TxnDigest | null;
}

/** Reads one that takes up the whole of what the reader has left. */
export function readTxnEntry(reader: JuteReader): TxnEntry {
  const header = readTxnHeader(reader);
  const txn = readTxn(reader, header.type);
  return { header, txn, digest: reader.remaining === 0 ? null : readTxnDigest(reader) };
}

export function writeTxnEntry(writer: JuteWriter, entry: TxnEntry): void {
  writeTxnHeader(writer, entry.header);
  writeTxn(writer, entry.txn);
  if (entry.digest !== null) writeTxnDigest(writer, entry.digest);
}
