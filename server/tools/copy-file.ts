import type { DiskFile } from '../storage/disk.ts';
import { type DiskScript, readFile, sizeOf, syncFile, withFile, writeFile } from '../storage/disk-script.ts';
import type { NamedFile } from '../storage/file-names.ts';
import { LOG_HEADER_BYTES } from '../storage/log-format.ts';
import { readRest } from '../storage/log-rest.ts';
import { LogScanner, scanEntries } from '../storage/log-scanner.ts';
import { judgeTail, tornBytesMax } from '../storage/log-tail.ts';
import { corruptLog } from '../storage/storage-error.ts';
import type { Zxid } from '../base/zxid.ts';

const CHUNK_BYTES = 1 << 20;

/** Copies a file that is not written any more; the content is durable when it returns, the name is not. */
export function* copyWhole(from: string, to: string): DiskScript<number> {
  return yield* withFile(from, 'read', function* (source) {
    const length = yield* sizeOf(source);
    yield* copyBytes(source, { to, length });
    return length;
  });
}

export interface CopiedLog {
  /** Null if there was no whole entry to copy, and no file was made. */
  readonly bytes: number | null;
  /** What is behind the last whole entry was being written, or a crash has left it. */
  readonly isTorn: boolean;
}

/**
 * Copies a log up to its last whole entry, or to the last at or below `upTo`; the content is durable when it returns, the
 * name is not. The log may be the one that a server is writing: what it writes meanwhile comes into the copy or does not.
 *
 * @throws StorageError `corrupt` where an entry cannot be read and no crash and no writer explains it.
 */
export function* copyLog(
  log: NamedFile,
  to: string,
  options: { readonly txnSizeMax: number; readonly upTo: Zxid },
): DiskScript<CopiedLog> {
  return yield* withFile(log.path, 'read', function* (source) {
    const { end, isTorn } = yield* findEnd(source, options);
    if (end <= LOG_HEADER_BYTES) return { bytes: null, isTorn };
    yield* copyBytes(source, { to, length: end });
    return { bytes: end, isTorn };
  });
}

function* findEnd(
  file: DiskFile,
  { txnSizeMax, upTo }: { readonly txnSizeMax: number; readonly upTo: Zxid },
): DiskScript<{ readonly end: number; readonly isTorn: boolean }> {
  for (let from = LOG_HEADER_BYTES, lastStop = 0; ;) {
    const scanner = new LogScanner(file, txnSizeMax, from);
    let cutAt = Number.POSITIVE_INFINITY;
    yield* scanEntries(scanner, ({ zxid, entryOffset }) => {
      if (zxid > upTo) cutAt = Math.min(cutAt, entryOffset);
    });
    if (Number.isFinite(cutAt)) return { end: cutAt, isTorn: false };
    const stop = scanner.entryOffset;
    const rest = yield* readRest(file, { offset: stop, limit: tornBytesMax(txnSizeMax) });
    const verdict = judgeTail(rest, stop, txnSizeMax);
    if (verdict.type !== 'damaged') return { end: stop, isTorn: verdict.type === 'torn' };
    // A server that wrote on between the two looks is no damage: then there is an entry where there was none.
    if (stop === lastStop) {
      throw corruptLog(
        file.path,
        stop,
        `no transaction can be read there (${scanner.stop}), yet ${verdict.why}`,
      );
    }
    from = stop;
    lastStop = stop;
  }
}

function* copyBytes(
  source: DiskFile,
  target: { readonly to: string; readonly length: number },
): DiskScript<void> {
  const chunk = new Uint8Array(CHUNK_BYTES);
  yield* withFile(target.to, 'create', function* (file) {
    for (let offset = 0; offset < target.length;) {
      const wanted = chunk.subarray(0, Math.min(chunk.length, target.length - offset));
      const length = yield* readFile(source, wanted, offset);
      if (length === 0) break;
      yield* writeFile(file, [wanted.subarray(0, length)], offset);
      offset += length;
    }
    yield* syncFile(file);
  });
}
