import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerId } from './base/server-id.ts';
import { ConfigError } from './config-error.ts';
import { problemAt } from './config-settings.ts';
import { reasonOf } from './config-source.ts';
import type { DataDirectory } from './data-directory.ts';
import { TEMPORARY_PREFIX } from './storage/file-names.ts';

/**
 * Whose log and snapshots lie beside it. `myid` itself does not tell when the disk with the logs is another server's,
 * nor when it was changed or a directory copied. Apache leaves the file alone.
 */
export const OWNER_FILE = 'stampede.myid';

/**
 * What a server has promised and acknowledged counts as its own: with another server's files it would vote as
 * somebody else, and what it had acknowledged itself would be gone.
 *
 * @throws ConfigError (`DATA_DIRECTORY`) when the files are known to be another server's.
 */
export function refuseForeignData(directory: DataDirectory, myId: ServerId): void {
  for (const path of pathsOf(directory)) {
    const file = join(path, OWNER_FILE);
    const owner = read(file);
    if (owner === null || owner === String(myId)) continue;
    throw problemAt(
      { file, line: 1, key: OWNER_FILE, value: owner },
      {
        code: 'DATA_DIRECTORY',
        expected: `the files in this directory are of that server, and myid says that this is server ${myId}`,
        advice:
          'were myid, volumes or directories exchanged? Give each server its own back, or remove this file if ' +
          `the data are to be server ${myId}’s from now on`,
      },
    );
  }
}

/** Remembers that the files are this server's, on stable storage. Not before it has its ports. */
export function claimData(directory: DataDirectory, myId: ServerId): void {
  for (const path of pathsOf(directory)) {
    const file = join(path, OWNER_FILE);
    if (read(file) !== null) continue;
    const draft = join(path, TEMPORARY_PREFIX + OWNER_FILE);
    writeFileSync(draft, `${myId}\n`, { flush: true });
    renameSync(draft, file);
    const handle = openSync(path, 'r');
    fsyncSync(handle);
    closeSync(handle);
  }
}

function pathsOf({ snapDir, logDir }: DataDirectory): ReadonlySet<string> {
  return new Set([snapDir, logDir]);
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'latin1').trim();
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === 'ENOENT') return null;
    throw new ConfigError(
      {
        code: 'DATA_DIRECTORY',
        file,
        line: null,
        key: null,
        value: null,
        expected: `cannot be read (${reason})`,
        advice: 'give the server’s user the right to read it',
      },
      { cause: error },
    );
  }
}
