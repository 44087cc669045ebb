import { formatZxid, type Zxid } from '../base/zxid.ts';
import { StorageError } from '../storage/storage-error.ts';

/** Every checksum is right, and still the tree is not the one that was recorded. */
export function digestError(path: string, zxid: Zxid): StorageError {
  return new StorageError(
    'corrupt',
    path,
    `${path}: the digest of the tree at ${formatZxid(zxid)} is not the recorded one, though every checksum is right: ` +
      `a txn was lost or changed before it was stored. Compare with the other servers of the ensemble.`,
  );
}
