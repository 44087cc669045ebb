/**
 * What went wrong with stored bytes:
 * - `io`: the operating system refused or failed (`errno` names it);
 * - `no-space`: the disk is full (ENOSPC, EDQUOT); what was stored before is untouched;
 * - `missing`: a file or directory that is needed is not there;
 * - `corrupt`: bytes that are not what was written. Nothing has been changed; an operator must decide;
 * - `unsupported`: sound bytes that this server does not handle (an epoch beyond 2^21, an unknown compression);
 * - `no-snapshot`: log entries without a snapshot below them.
 */
export type StorageErrorCode = 'io' | 'no-space' | 'missing' | 'corrupt' | 'unsupported' | 'no-snapshot';

/** The disk, or what somebody left on it, misbehaves. The owner refuses to start, or stops acknowledging. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code: StorageErrorCode;
  /** The file or directory concerned. */
  readonly path: string;
  /** `EIO`, `ENOENT` and so on, where the operating system gave one. */
  readonly errno: string | null;

  constructor(
    code: StorageErrorCode,
    path: string,
    message: string,
    options: { readonly errno?: string; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.path = path;
    this.errno = options.errno ?? null;
  }
}

/** Says what was found, where, and what can be done about it. Nothing is repaired by guessing. */
export function corruptLog(path: string, offset: number, found: string): StorageError {
  return new StorageError(
    'corrupt',
    path,
    `${path} is damaged at byte ${offset}: ${found}. Nothing was changed. Restore this data directory from ` +
      `another server of the ensemble or from a backup, or inspect the file with ZooKeeper's TxnLogToolkit ` +
      `(zkTxnLogToolkit.sh --recover drops what it cannot read).`,
  );
}

export function corruptSnapshot(path: string, offset: number, found: string): StorageError {
  return new StorageError('corrupt', path, `${path} is damaged at byte ${offset}: ${found}.`);
}
