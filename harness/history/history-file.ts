import { crc32 } from 'node:zlib';

/**
 * The frame of a history file. Everything is little-endian.
 *
 * ```text
 * file   "STAMPEDE" u32 version  u32 0   block*  end?
 * block  u32 bytes (> 0)  u32 ops                    u32 crc of all the rest  payload
 * end    u32 0            u32 ops of the whole file  u32 crc
 * ```
 *
 * A process that is killed leaves a file without an end, perhaps with half a block last. Every whole block
 * before that is good.
 */
export const FILE_HEADER_BYTES = 16;
export const BLOCK_HEADER_BYTES = 12;
export const BLOCK_BYTES = 64 * 1024;
export const FORMAT_VERSION = 1;

const MAGIC = new TextEncoder().encode('STAMPEDE');

export class HistoryError extends Error {
  override readonly name = 'HistoryError';
  readonly code: 'NOT_A_HISTORY' | 'UNKNOWN_VERSION' | 'WRITE_FAILED' | 'NO_HISTORY';

  constructor(code: HistoryError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export function fileHeader(): Uint8Array {
  const bytes = new Uint8Array(FILE_HEADER_BYTES);
  bytes.set(MAGIC);
  new DataView(bytes.buffer).setUint32(8, FORMAT_VERSION, true);
  return bytes;
}

/** @throws HistoryError if `bytes`, a whole header, begins something else or something newer. */
export function checkFileHeader(bytes: Uint8Array, path: string): void {
  const isOurs = MAGIC.every((byte, index) => bytes[index] === byte);
  if (!isOurs) throw new HistoryError('NOT_A_HISTORY', `${path} is not a history file`);
  const version = new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true);
  if (version !== FORMAT_VERSION) {
    throw new HistoryError('UNKNOWN_VERSION', `${path} has format ${version}, this reads ${FORMAT_VERSION}`);
  }
}

/** Fills in the header of a block whose payload begins at BLOCK_HEADER_BYTES of `block`. */
export function sealBlock(block: Uint8Array, ops: number): void {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  view.setUint32(0, block.byteLength - BLOCK_HEADER_BYTES, true);
  view.setUint32(4, ops, true);
  view.setUint32(8, crcOf(block.subarray(0, 8), block.subarray(BLOCK_HEADER_BYTES)), true);
}

export function endMark(opsOfFile: number): Uint8Array {
  const bytes = new Uint8Array(BLOCK_HEADER_BYTES);
  sealBlock(bytes, opsOfFile);
  return bytes;
}

export interface BlockHeader {
  readonly payloadBytes: number;
  /** For the end mark: of the whole file, modulo 2^32. */
  readonly ops: number;
}

export function readBlockHeader(bytes: Uint8Array): BlockHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, BLOCK_HEADER_BYTES);
  return { payloadBytes: view.getUint32(0, true), ops: view.getUint32(4, true) };
}

/** Whether the block is as it was written. `header` is its BLOCK_HEADER_BYTES as they stand in the file. */
export function isIntact(header: Uint8Array, payload: Uint8Array): boolean {
  const view = new DataView(header.buffer, header.byteOffset, BLOCK_HEADER_BYTES);
  return view.getUint32(8, true) === crcOf(header.subarray(0, 8), payload);
}

function crcOf(sizes: Uint8Array, payload: Uint8Array): number {
  const crc = crc32(sizes);
  // zlib answers 0 for no bytes at all, whatever it is to go on from.
  return payload.length === 0 ? crc : crc32(payload, crc);
}
