import { assert } from '../base/assert.ts';
import type { ServerId } from '../base/server-id.ts';
import type { Disk } from '../storage/disk.ts';
import { performStep, type DiskStep } from '../storage/disk-script.ts';
import { StorageError } from '../storage/storage-error.ts';
import { WireError } from '../wire/wire-error.ts';

/**
 * What a role waits for: a step on the disk, or something from the outside. `packet` is the next packet of
 * the other side, `snapshot` the end of a snapshot that streams in, `durable` a log flushed to its end.
 */
export type RoleStep = DiskStep | { readonly type: 'packet' | 'snapshot' | 'durable' | 'event' };

/**
 * One phase of the protocol as one ordered list of steps: durable ones and messages between them. The order in
 * which they stand is the order in which they happen, and a crash can come between any two.
 */
export type RoleScript<T> = Generator<RoleStep, T, unknown>;

/** Why a role came to its end without anything being wrong with this server. */
export class RoleEnded extends Error {
  override readonly name = 'RoleEnded';
  /** Who leads from now on, where a reconfig has said so: nobody is looked for then. */
  readonly successor: ServerId | null;

  constructor(why: string, successor: ServerId | null = null) {
    super(why);
    this.successor = successor;
  }
}

export interface RoleScriptOptions {
  readonly disk: Disk;
  readonly script: RoleScript<void>;
  /** It waits for something from outside now; see `waitsFor`. */
  readonly onWaiting: () => void;
  /** It came to its last line. */
  readonly onDone: () => void;
  /** RoleEnded and WireError end the role, StorageError the process. */
  readonly onFailed: (error: Error) => void;
}

/**
 * Runs a script. What it waits for from outside comes by `resume`; the disk's answers come by themselves.
 *
 * It can be stopped only where it waits for the outside: a job on the disk that has begun is carried to its end
 * first, so that whoever comes next finds memory and disk in step (B10, B11, B17).
 */
export class RoleScriptRun {
  readonly #options: RoleScriptOptions;
  #waitsFor: RoleStep['type'] | null = null;
  #onDisk = false;
  #isOver = false;
  #whenStopped: (() => void) | null = null;

  constructor(options: RoleScriptOptions) {
    this.#options = options;
  }

  /** What it waits for from outside; null while it runs, is on the disk or has ended. */
  get waitsFor(): RoleStep['type'] | null {
    return this.#isOver ? null : this.#waitsFor;
  }

  start(): void {
    this.#advance(null);
  }

  /** What it waits for has come. */
  resume(result?: unknown): void {
    assert(this.waitsFor !== null, 'a script goes on that does not wait');
    this.#waitsFor = null;
    this.#advance(null, result);
  }

  /** Nothing more of it happens after `done`, which may come at once. */
  stop(done: () => void): void {
    if (this.#onDisk) {
      this.#whenStopped = done;
      return;
    }
    this.#isOver = true;
    done();
  }

  readonly #advance = (error: StorageError | null, result?: unknown): void => {
    const { disk, script, onWaiting, onDone, onFailed } = this.#options;
    this.#onDisk = false;
    let next: IteratorResult<RoleStep, void>;
    try {
      next = error === null ? script.next(result) : script.throw(error);
    } catch (thrown) {
      const isStorage = thrown instanceof StorageError;
      if (!isStorage && !(thrown instanceof RoleEnded) && !(thrown instanceof WireError)) throw thrown;
      this.#end(() => onFailed(thrown), isStorage);
      return;
    }
    if (next.done === true) {
      this.#end(onDone, false);
      return;
    }
    const step = next.value;
    if (isOutside(step)) {
      if (this.#whenStopped !== null) {
        this.#end(() => undefined, false);
        return;
      }
      this.#waitsFor = step.type;
      onWaiting();
      return;
    }
    this.#onDisk = true;
    performStep(disk, step, this.#advance);
  };

  /** `tell` is left out when whoever is told has gone, unless it must be known (`isFatal`). */
  #end(tell: () => void, isFatal: boolean): void {
    this.#isOver = true;
    const stopped = this.#whenStopped;
    this.#whenStopped = null;
    if (stopped === null || isFatal) tell();
    stopped?.();
  }
}

function isOutside(step: RoleStep): step is Exclude<RoleStep, DiskStep> {
  return (
    step.type === 'packet' || step.type === 'snapshot' || step.type === 'durable' || step.type === 'event'
  );
}
