import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import {
  BLOCK_HEADER_BYTES,
  checkFileHeader,
  FILE_HEADER_BYTES,
  HistoryError,
  isIntact,
  readBlockHeader,
} from './history-file.ts';
import { type Cut, History } from './history.ts';
import { OpDecoder } from './op-decoder.ts';

/**
 * Reads histories into one set of columns, file after file.
 *
 * First every file is walked, block by block, which says how many good operations there are; then they are
 * decoded into arrays of that size. A file without its end mark, or with a broken block, counts up to there
 * and is listed in `cuts`: a cut history can convict a server, and can't acquit one.
 *
 * @throws HistoryError NO_HISTORY for no files, NOT_A_HISTORY or UNKNOWN_VERSION for a wrong one.
 */
export function readHistory(paths: readonly string[]): History {
  if (paths.length === 0) throw new HistoryError('NO_HISTORY', 'the run has left no history');
  const extents = paths.map((path) => extentOf(path));
  const cuts = extents.flatMap(({ cut }) => (cut === null ? [] : [cut]));
  const history = new History(
    extents.reduce((sum, { ops }) => sum + ops, 0),
    cuts,
  );
  let row = 0;
  for (const { path, blocks } of extents) {
    const decoder = new OpDecoder(history);
    withFile(path, (fd) => {
      for (const { at, payloadBytes, ops } of blocks) {
        decoder.decodeBlock(readAt(fd, at, payloadBytes), row, ops);
        row += ops;
      }
    });
  }
  return history;
}

interface Block {
  /** Where its payload begins. */
  readonly at: number;
  readonly payloadBytes: number;
  readonly ops: number;
}

/** What is good of a file. */
interface Extent {
  readonly path: string;
  readonly blocks: readonly Block[];
  readonly ops: number;
  readonly cut: Cut | null;
}

function extentOf(path: string): Extent {
  return withFile(path, (fd) => {
    const fileBytes = fstatSync(fd).size;
    const header = readAt(fd, 0, FILE_HEADER_BYTES);
    checkFileHeader(header, path);

    const blocks: Block[] = [];
    let ops = 0;
    let at = FILE_HEADER_BYTES;
    const end = (cut: Cut['reason'] | null): Extent => ({
      path,
      blocks,
      ops,
      cut: cut === null ? null : { path, reason: cut, ops, lostBytes: fileBytes - at },
    });
    for (;;) {
      if (at === fileBytes) return end('no end mark');
      if (fileBytes - at < BLOCK_HEADER_BYTES) return end('torn');
      const blockHeader = readAt(fd, at, BLOCK_HEADER_BYTES);
      const block = readBlockHeader(blockHeader);
      const payloadAt = at + BLOCK_HEADER_BYTES;
      if (payloadAt + block.payloadBytes > fileBytes) return end('torn');
      if (!isIntact(blockHeader, readAt(fd, payloadAt, block.payloadBytes))) return end('torn');
      if (block.payloadBytes === 0) return end(block.ops === ops >>> 0 ? null : 'operations missing');

      blocks.push({ at: payloadAt, payloadBytes: block.payloadBytes, ops: block.ops });
      ops += block.ops;
      at = payloadAt + block.payloadBytes;
    }
  });
}

function withFile<T>(path: string, use: (fd: number) => T): T {
  const fd = openSync(path, 'r');
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

/** Fewer bytes than asked for only at the end of the file. */
function readAt(fd: number, at: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const read = readSync(fd, bytes, 0, length, at);
  return bytes.subarray(0, read);
}
