/**
 * The bytes of a snapshot (protocol §3.3):
 * ```
 * file   = FileHeader(magic "ZKSN", version 2, dbid −1) ‖ body ‖ seal
 *        ‖ digest ‖ seal ‖ i64 lastProcessedZxid ‖ seal
 * digest = i64 zxid ‖ i32 version 2 ‖ i64 digest
 * seal   = i64 Adler-32 ‖ str "/"
 * ```
 * The body is in `wire/snapshot/snapshot-body.ts`. A seal holds the checksum of everything before it, earlier
 * seals included. What follows the first seal is optional and recognised only by the file not ending there; we
 * write all of it.
 */
export const SNAPSHOT_MAGIC = 0x5a4b534e;
export const SNAPSHOT_VERSION = 2;
export const SNAPSHOT_HEADER_BYTES = 16;
export const DIGEST_VERSION = 2;
/** i64 ‖ i32 1 ‖ "/". */
export const SEAL_BYTES = 13;
/** What a finished snapshot ends with: the string "/". */
export const SNAPSHOT_END = [0, 0, 0, 1, 0x2f] as const;
