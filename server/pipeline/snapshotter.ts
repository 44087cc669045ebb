import type { Log } from '../base/log.ts';
import type { SessionTracker } from '../session/session-tracker.ts';
import type { Completion, Disk } from '../storage/disk.ts';
import { runScript } from '../storage/disk-script.ts';
import { writeSnapshot, type WrittenSnapshot } from '../storage/snapshot-writer.ts';
import type { DataTree } from '../tree/data-tree.ts';
import type { SnapshotTrigger } from './snapshot-trigger.ts';

export interface SnapshotterOptions {
  readonly disk: Disk;
  /** The `version-2` directory of the snapshots. */
  readonly directory: string;
  readonly tree: DataTree;
  readonly sessions: SessionTracker;
  readonly trigger: SnapshotTrigger;
  readonly log: { roll(): void; readonly bytesSinceRoll: number };
  readonly logger: Log;
  /** On a monotonic clock. */
  readonly nowMs: () => number;
  /** One is on the disk, so long after it was begun. */
  readonly onWritten?: ((durationMs: number) => void) | undefined;
  /** A snapshot is done, or has failed: the tree is free for another. */
  readonly onTaken?: () => void;
}

/** Takes snapshots beside the traffic, and begins a new log file with each, so that old files can be purged. */
export class Snapshotter {
  readonly #options: SnapshotterOptions;
  #isTaking = false;
  #isStopped = false;
  #whenIdle: (() => void)[] = [];

  constructor(options: SnapshotterOptions) {
    this.#options = options;
  }

  /** A txn has been applied. */
  onApplied(): void {
    const { trigger, log, tree } = this.#options;
    // The tree is free as soon as the last node is read, which is before the file has its name.
    if (!trigger.onTxn(log.bytesSinceRoll) || this.#isTaking || tree.isSnapshotting) return;
    this.take();
  }

  /** When nothing of a snapshot is on its way to the disk any more; maybe at once. */
  whenIdle(done: () => void): void {
    if (this.#isTaking) this.#whenIdle.push(done);
    else done();
  }

  /** None is begun any more, and the one that is on its way is given up: it could take long, and the log has it all. */
  stop(): void {
    this.#isStopped = true;
  }

  /**
   * Writes the tree as it is now. A failure costs nothing but the room that the log keeps taking: the older
   * snapshot and the log above it are untouched. One at a time: none is on its way, and nobody else reads the tree.
   * `done` gets null once it is stopped.
   */
  take(done: Completion<WrittenSnapshot | null> = () => undefined): void {
    if (this.#isStopped) {
      done(null, null);
      return;
    }
    const { disk, directory, tree, sessions, logger, trigger, log, nowMs, onWritten } = this.#options;
    trigger.reset();
    log.roll();
    const beganMs = nowMs();
    const source = tree.beginSnapshot(sessions.timeouts());
    this.#isTaking = true;
    const isWanted = (): boolean => !this.#isStopped;
    runScript(disk, writeSnapshot({ directory, source, isWanted }), (error, written = null) => {
      if (written === null) source.cancel();
      if (error !== null) {
        logger.error('Snapshotter', `no snapshot at ${source.zxid.toString(16)}: ${error.message}`);
      } else if (written !== null) {
        logger.info('Snapshotter', `wrote ${written.path}, ${written.bytes} bytes`);
        onWritten?.(nowMs() - beganMs);
      }
      this.#isTaking = false;
      this.#options.onTaken?.();
      for (const whenIdle of this.#whenIdle.splice(0)) whenIdle();
      done(error, written);
    });
  }
}
