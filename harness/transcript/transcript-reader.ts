import { readFileSync } from 'node:fs';
import {
  RECORD_HEADER_BYTES,
  RecordKind,
  TRANSCRIPT_MAGIC,
  type TranscriptRecord,
} from './transcript-record.ts';

export interface Transcript {
  readonly records: readonly TranscriptRecord[];
  /** Whether its writer has come to the end of it; if not, the last moments are missing. */
  readonly isWhole: boolean;
}

/** Something else, or a transcript that was changed; what a killed writer leaves is none. */
export class TranscriptError extends Error {
  override readonly name = 'TranscriptError';
  readonly code = 'transcript';
}

/** @throws TranscriptError with the place of what can't be a transcript. */
export function readTranscript(path: string): Transcript {
  const bytes = readFileSync(path);
  const magic = bytes.subarray(0, TRANSCRIPT_MAGIC.length);
  if (Buffer.compare(magic, TRANSCRIPT_MAGIC) !== 0) throw new TranscriptError(`${path} is not a transcript`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const records: TranscriptRecord[] = [];
  let isWhole = false;
  let at = TRANSCRIPT_MAGIC.length;
  while (at + RECORD_HEADER_BYTES <= bytes.length) {
    const end = at + RECORD_HEADER_BYTES + view.getUint32(at);
    if (end > bytes.length) break;
    const kind = view.getUint8(at + 4);
    isWhole = kind === RecordKind.end;
    if (isWhole && end < bytes.length)
      throw new TranscriptError(`${path} goes on behind its end, at byte ${end}`);
    if (!isWhole) {
      const record = recordOf({
        kind,
        id: view.getUint32(at + 5),
        atNs: view.getFloat64(at + 9),
        payload: bytes.subarray(at + RECORD_HEADER_BYTES, end),
      });
      if (record === null) throw new TranscriptError(`${path} has no record at byte ${at}: kind ${kind}`);
      records.push(record);
    }
    at = end;
  }
  return { records, isWhole };
}

function recordOf(raw: {
  readonly kind: number;
  readonly id: number;
  readonly atNs: number;
  readonly payload: Buffer;
}): TranscriptRecord | null {
  const { kind, id, atNs, payload } = raw;
  switch (kind) {
    case RecordKind.opened:
      return {
        type: 'opened',
        connection: id,
        atNs,
        client: payload.readUInt32BE(0),
        server: payload.toString('utf8', 4),
      };
    case RecordKind.sent:
    case RecordKind.received:
      // Of its own kind, for a Buffer's slice does not copy.
      return {
        type: kind === RecordKind.sent ? 'sent' : 'received',
        connection: id,
        atNs,
        bytes: new Uint8Array(payload),
      };
    case RecordKind.ended:
      return { type: 'ended', connection: id, atNs };
    case RecordKind.note:
      return { type: 'note', client: id, atNs, note: JSON.parse(payload.toString('utf8')) as unknown };
    default:
      return null;
  }
}
