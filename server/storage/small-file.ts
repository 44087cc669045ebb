import { decodeUtf8, encodeUtf8Into, utf8Length } from '../base/utf8.ts';
import type { DiskFile } from './disk.ts';
import { type DiskScript, closeFile, openFile, readFile, renameFile, sizeOf } from './disk-script.ts';
import { syncDirectory, syncFile, unlinkFile, withFile, writeFile } from './disk-script.ts';
import { directoryOf } from './file-names.ts';
import { StorageError } from './storage-error.ts';

/**
 * Replaces a file by `text` as UTF-8: whatever happens, there is either the old one or the new one, and the new one is
 * durable when this has returned. The order of durable steps: content, name, directory.
 */
export function* replaceFile(path: string, text: string): DiskScript<void> {
  const bytes = new Uint8Array(utf8Length(text));
  encodeUtf8Into(text, bytes, 0);
  const temporaryPath = `${path}.tmp`;
  const file = yield* openFile(temporaryPath, 'create');
  yield* writeFile(file, [bytes], 0);
  yield* syncFile(file);
  yield* closeFile(file);
  yield* renameFile(temporaryPath, path);
  yield* syncDirectory(directoryOf(path));
}

/** Removes a file for good. It need not be there. */
export function* removeFile(path: string): DiskScript<void> {
  try {
    yield* unlinkFile(path);
  } catch (error) {
    if (!(error instanceof StorageError) || error.code !== 'missing') throw error;
    return;
  }
  yield* syncDirectory(directoryOf(path));
}

/** Up to `bytesMax` bytes of a text, null if there is no such file. */
export function* readTextFile(path: string, bytesMax: number): DiskScript<string | null> {
  try {
    return yield* withFile(path, 'read', (file) => readText(file, bytesMax));
  } catch (error) {
    if (error instanceof StorageError && error.code === 'missing') return null;
    throw error;
  }
}

function* readText(file: DiskFile, bytesMax: number): DiskScript<string> {
  const size = yield* sizeOf(file);
  const bytes = new Uint8Array(Math.min(size, bytesMax));
  let length = 0;
  while (length < bytes.length) {
    const read = yield* readFile(file, bytes.subarray(length), length);
    if (read === 0) break;
    length += read;
  }
  return decodeUtf8(bytes, 0, length);
}
