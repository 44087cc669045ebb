import { join } from 'node:path';
import { NodeDisk } from '../../server/net/node-disk.ts';
import {
  type DiskScript,
  listDirectory,
  runScript,
  sizeOf,
  withFile,
} from '../../server/storage/disk-script.ts';
import { filesNamed, LOG_PREFIX } from '../../server/storage/file-names.ts';
import { LOG_HEADER_BYTES } from '../../server/storage/log-format.ts';
import { LogScanner, scanEntries } from '../../server/storage/log-scanner.ts';

/** A txn as it stands in a log. */
export interface LoggedTxn {
  readonly zxid: number;
  /** The log's name. */
  readonly file: string;
  /** Header, txn and digest. */
  readonly entry: Uint8Array;
}

/** What one server's logs hold in the end, in the order of zxids. */
export interface ServerLog {
  readonly server: number;
  readonly txns: readonly LoggedTxn[];
}

/** No server in a run is given more. */
const TXN_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Reads what a stopped server has logged: of ours or of Apache's, for the files are the same. A torn end is no error: it
 * is what a kill leaves.
 *
 * `dataDir`: as in zoo.cfg. @throws StorageError if it cannot be read.
 */
export function readServerLog(server: number, dataDir: string): Promise<ServerLog> {
  return new Promise((resolve, reject) => {
    runScript(new NodeDisk(), logged(join(dataDir, 'version-2')), (error, txns) => {
      if (error === null) resolve({ server, txns: txns ?? [] });
      else reject(error);
    });
  });
}

function* logged(directory: string): DiskScript<LoggedTxn[]> {
  const txns: LoggedTxn[] = [];
  const names = yield* listDirectory(directory);
  for (const { path, name } of filesNamed(directory, names, LOG_PREFIX)) {
    yield* withFile(path, 'read', function* (file): DiskScript<void> {
      if ((yield* sizeOf(file)) < LOG_HEADER_BYTES) return;
      yield* scanEntries(new LogScanner(file, TXN_BYTES_MAX), ({ zxid, bytes, start, end }) => {
        txns.push({ zxid, file: name, entry: bytes.slice(start, end) });
      });
    });
  }
  return txns;
}
