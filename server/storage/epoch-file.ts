import { epochOf, EPOCH_MAX, type Epoch, type Zxid } from '../base/zxid.ts';
import type { DiskScript } from './disk-script.ts';
import { joinPath } from './file-names.ts';
import { readTextFile, replaceFile } from './small-file.ts';
import { StorageError } from './storage-error.ts';

/**
 * `acceptedEpoch` is the highest epoch this server has agreed to, `currentEpoch` the one of the last leader
 * it has finished synchronising with (protocol §4.1). Decimal text without a newline.
 */
export type EpochName = 'acceptedEpoch' | 'currentEpoch';

export interface Epochs {
  readonly acceptedEpoch: Epoch;
  readonly currentEpoch: Epoch;
  /**
   * False for a server that has never come to the end of a synchronisation, whatever came of it: a new one, or one whose
   * disk was replaced. Others may rely on what it has forgotten (B05).
   */
  readonly isMember: boolean;
  /** Of one that is no member: it took part, on this disk, in the first elections of its ensemble. */
  readonly isFounder: boolean;
}

/** A text of this length is no epoch. */
const TEXT_BYTES_MAX = 32;

/** Makes an epoch durable. Only after it has returned may memory or a message say so. */
export function* writeEpoch(directory: string, name: EpochName, epoch: Epoch): DiskScript<void> {
  yield* replaceFile(joinPath(directory, name), String(epoch));
}

/**
 * Reads both epochs and checks them against the recovered state, as start-up does (protocol §3.1).
 *
 * A missing file stands for the epoch of the last zxid. If the log has come to an epoch that currentEpoch has
 * not, the machine stopped between the two durable steps of a synchronisation: the history is complete, and
 * the epoch follows it, provided that it had been accepted (reliability: B31). An accepted epoch below the
 * current one is a promise lost, by a restored backup for instance, and refused.
 */
export function* readEpochs(directory: string, lastZxid: Zxid): DiskScript<Epochs> {
  const lastEpoch = epochOf(lastZxid);
  const accepted = yield* readEpoch(directory, 'acceptedEpoch');
  const written = yield* readEpoch(directory, 'currentEpoch');
  if (!hasBelonged({ accepted, current: written, lastZxid })) {
    const acceptedEpoch = accepted ?? (0 as Epoch);
    return { acceptedEpoch, currentEpoch: 0 as Epoch, isMember: false, isFounder: written === 0 };
  }
  // From now on it can be told from a history that came to an empty disk.
  if (written === null && lastEpoch > 0) yield* writeEpoch(directory, 'currentEpoch', lastEpoch);
  const current = written ?? lastEpoch;
  const acceptedEpoch = accepted ?? (current > lastEpoch ? current : lastEpoch);

  if (acceptedEpoch < current) {
    throw stale(directory, 'acceptedEpoch', `${acceptedEpoch} is below currentEpoch, ${current}`);
  }
  if (lastEpoch <= current) {
    return { acceptedEpoch, currentEpoch: current, isMember: true, isFounder: false };
  }
  if (acceptedEpoch < lastEpoch) {
    throw stale(directory, 'acceptedEpoch', `${acceptedEpoch} is below the log's last epoch, ${lastEpoch}`);
  }
  yield* writeEpoch(directory, 'currentEpoch', lastEpoch);
  return { acceptedEpoch, currentEpoch: lastEpoch, isMember: true, isFounder: false };
}

/**
 * A synchronisation ends with currentEpoch. A history without it is one that broke off, unless it came from elsewhere: a
 * backup without either file, or a server that stood alone, whose txns are of epoch 0.
 */
function hasBelonged(found: {
  readonly accepted: Epoch | null;
  readonly current: Epoch | null;
  readonly lastZxid: Zxid;
}): boolean {
  const { accepted, current, lastZxid } = found;
  if (current !== null && current > 0) return true;
  return lastZxid > 0 && (accepted === null || epochOf(lastZxid) === 0);
}

/** Null if there is no such file. What is in a `.tmp` was never promised to anybody. */
function* readEpoch(directory: string, name: EpochName): DiskScript<Epoch | null> {
  const path = joinPath(directory, name);
  const text = yield* readTextFile(path, TEXT_BYTES_MAX);
  if (text === null) return null;
  const epoch = Number(text.trim());
  if (!/^\d+\s*$/.test(text)) {
    throw new StorageError('corrupt', path, `${path} should hold an epoch and holds ${JSON.stringify(text)}`);
  }
  if (epoch > EPOCH_MAX) {
    throw new StorageError(
      'unsupported',
      path,
      `${path}: epoch ${epoch} is above ${EPOCH_MAX}, the highest here`,
    );
  }
  return epoch as Epoch;
}

function stale(directory: string, name: EpochName, found: string): StorageError {
  const path = joinPath(directory, name);
  return new StorageError(
    'corrupt',
    path,
    `${path}: ${found}. This server has forgotten a promise, as it does when a backup is restored. Remove its ` +
      `version-2 directory and let it synchronise from the others.`,
  );
}
