/**
 * What happened on the connections of some clients, as bytes. Times are nanoseconds since the run's start on
 * CLOCK_MONOTONIC: `sent` is taken before the bytes are handed to the socket, `received` after they were read, so that
 * the time between a request and its reply is never shorter than the truth.
 */
export type TranscriptRecord =
  /** A connection is being made. Its number is unique within the transcript. */
  | {
      readonly type: 'opened';
      readonly connection: number;
      readonly atNs: number;
      readonly client: number;
      /** `host:port`. */
      readonly server: string;
    }
  | {
      readonly type: 'sent' | 'received';
      readonly connection: number;
      readonly atNs: number;
      readonly bytes: Uint8Array;
    }
  | { readonly type: 'ended'; readonly connection: number; readonly atNs: number }
  /** What a client believed or did that is on no wire: JSON. */
  | { readonly type: 'note'; readonly client: number; readonly atNs: number; readonly note: unknown };

/** The kinds' numbers in the file. */
export const RecordKind = { opened: 1, sent: 2, received: 3, ended: 4, note: 5, end: 6 } as const;

export const TRANSCRIPT_MAGIC = new TextEncoder().encode('STMPTRN1');
/** `u32` bytes of the payload, `u8` kind, `u32` connection or client, `f64` time; then the payload. */
export const RECORD_HEADER_BYTES = 17;
