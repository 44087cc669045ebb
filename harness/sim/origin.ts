import { makeZxid, type Epoch } from '../../server/base/zxid.ts';
import { runScript, type DiskScript } from '../../server/storage/disk-script.ts';
import { writeEpoch } from '../../server/storage/epoch-file.ts';
import { writeSnapshot } from '../../server/storage/snapshot-writer.ts';
import { DataTree } from '../../server/tree/data-tree.ts';
import { DIRECTORY } from './places.ts';
import type { SimDisk } from './sim-disk.ts';

/** Where an ensemble's history begins in a simulation that is about the end of an epoch's numbers. */
export interface Origin {
  readonly epoch: number;
  readonly counter: number;
}

/** Puts an old ensemble's state on a disk: nothing in its tree, and already at this zxid. */
export function writeOrigin(disk: SimDisk, { epoch, counter }: Origin): void {
  const tree = new DataTree({ digestEnabled: true });
  tree.createSystemNodes();
  tree.lastProcessedZxid = makeZxid(epoch, counter);
  disk.mkdir(DIRECTORY, () => undefined);
  runScript(disk, files(tree, epoch as Epoch), (error) => {
    if (error !== null) throw error;
  });
  disk.run();
}

function* files(tree: DataTree, epoch: Epoch): DiskScript<void> {
  yield* writeSnapshot({ directory: DIRECTORY, source: tree.beginSnapshot([]) });
  yield* writeEpoch(DIRECTORY, 'acceptedEpoch', epoch);
  yield* writeEpoch(DIRECTORY, 'currentEpoch', epoch);
}
