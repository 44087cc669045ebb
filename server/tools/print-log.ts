import type { SessionId } from '../base/session-id.ts';
import { formatZxid, type Zxid } from '../base/zxid.ts';
import { adler32 } from '../storage/adler32.ts';
import type { DiskScript } from '../storage/disk-script.ts';
import type { NamedFile } from '../storage/file-names.ts';
import { LogReplay, type TornLog, type TxnSink } from '../storage/log-replay.ts';
import type { TxnDigest } from '../wire/txns/txn-digest.ts';
import type { TxnHeader } from '../wire/txns/txn-header.ts';
import type { Txn } from '../wire/txns/txn.ts';
import { hex32, hex64 } from './hex.ts';
import { summaryLine, summaryOf } from './txn-words.ts';

/** Below every zxid, so that a log may begin anywhere. */
export const BELOW_ALL = -1 as Zxid;

export interface LoggedTxn {
  readonly header: TxnHeader;
  readonly txn: Txn;
  readonly digest: TxnDigest | null;
  /** Of its entry, as it stands in the file. */
  readonly checksum: number;
}

export interface LogSummary {
  readonly txnCount: number;
  /** Null in a log without a txn. */
  readonly firstZxid: Zxid | null;
  readonly lastZxid: Zxid | null;
  /** What a crash left at the end; no damage, and never acknowledged. */
  readonly torn: TornLog | null;
}

/**
 * Reads one log and checks what can be checked of it alone: checksums, the records, and that zxids follow each other.
 *
 * @throws StorageError `corrupt` with the place of the first thing that no crash explains.
 */
export function* readLog(
  log: NamedFile,
  options: { readonly txnSizeMax: number; readonly onTxn: (txn: LoggedTxn) => void },
): DiskScript<LogSummary> {
  const sink = new LogSink(options.onTxn);
  const replay = new LogReplay({
    sink,
    snapshotZxid: BELOW_ALL,
    txnSizeMax: options.txnSizeMax,
    acceptsEntries: true,
    landmarks: [],
  });
  yield* replay.replay(log);
  const torn = replay.torn.find(({ bytesLost }) => bytesLost > 0) ?? null;
  return { txnCount: sink.count, firstZxid: sink.first, lastZxid: sink.last, torn };
}

class LogSink implements TxnSink {
  count = 0;
  first: Zxid | null = null;
  last: Zxid | null = null;
  readonly #onTxn: (txn: LoggedTxn) => void;

  constructor(onTxn: (txn: LoggedTxn) => void) {
    this.#onTxn = onTxn;
  }

  applyTxn(header: TxnHeader, txn: Txn, digest: TxnDigest | null, entry: Uint8Array): void {
    this.count++;
    this.first ??= header.zxid;
    this.last = header.zxid;
    const view = new DataView(entry.buffer, entry.byteOffset, entry.length);
    this.#onTxn({ header, txn, digest, checksum: adler32(view, 0, entry.length) });
  }
}

/** The words of TxnLogToolkit up to the type; the time is in UTC, data and digests of passwords are left out. */
export function txnLine({ header, txn, digest, checksum }: LoggedTxn): string {
  const { time, clientId, cxid, zxid } = header;
  const ids = `session ${hexSession(clientId)} cxid ${hex32(cxid)} zxid ${formatZxid(zxid)}`;
  const tree = digest === null ? '' : ` digest ${hex64(digest.treeDigest)}`;
  return `${timeText(time)} ${ids} ${summaryLine(summaryOf(txn))} crc ${hex32(checksum)}${tree}`;
}

export function txnJson({ header, txn, digest, checksum }: LoggedTxn): string {
  const { time, clientId, cxid, zxid } = header;
  return JSON.stringify({
    zxid: formatZxid(zxid),
    time: timeText(time),
    session: hexSession(clientId),
    cxid,
    ...summaryOf(txn),
    crc: hex32(checksum),
    ...(digest === null ? {} : { digest: hex64(digest.treeDigest), digestVersion: digest.version }),
  });
}

function hexSession(id: SessionId): string {
  return hex64(id);
}

/** A log may hold any 64-bit number as time. */
export function timeText(time: number): string {
  return Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : String(time);
}
