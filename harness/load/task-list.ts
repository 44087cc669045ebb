import { OpKind, ROOT_KEY } from '../history/op.ts';
import type { NextOp, OpSource } from './load-op.ts';

interface Task {
  readonly kind: OpKind;
  readonly key: number;
}

/** Answers that settle a task although they are no success: it is as it should be, or as it can be. */
const NO_NODE = -101;
const NODE_EXISTS = -110;

/**
 * A fixed list of operations, each seen through: what was lost with its connection, or refused for a reason that
 * may pass, is handed out again.
 */
export class TaskList implements OpSource {
  readonly #tasks: Iterator<Task>;
  readonly #valueBytes: number;
  readonly #again: Task[] = [];
  #isListDone = false;

  constructor(tasks: Iterator<Task>, valueBytes: number) {
    this.#tasks = tasks;
    this.#valueBytes = valueBytes;
  }

  take(next: NextOp): boolean {
    const task = this.#again.pop() ?? this.#nextTask();
    if (task === undefined) return false;
    next.kind = task.kind;
    next.key = task.key;
    next.valueBytes = this.#valueBytes;
    return true;
  }

  missed(kind: OpKind, key: number, error: number): void {
    // A create that is refused because the znode is there was done by its own earlier attempt.
    if (error !== NO_NODE && error !== NODE_EXISTS) this.#again.push({ kind, key });
  }

  get isExhausted(): boolean {
    return this.#isListDone && this.#again.length === 0;
  }

  #nextTask(): Task | undefined {
    const step = this.#tasks.next();
    if (step.done !== true) return step.value;
    this.#isListDone = true;
    return undefined;
  }
}

/** Creates the root. */
export function* rootTasks(): Generator<Task> {
  yield { kind: OpKind.create, key: ROOT_KEY };
}

/** Nothing, for those who only have to wait. */
export function* noTasks(): Generator<Task> {
  // No task.
}

/** Creates every `lanes`th of the first `keyCount` keys, from key `lane` on. */
export function* prepareTasks(of: {
  readonly keyCount: number;
  readonly lane: number;
  readonly lanes: number;
}): Generator<Task> {
  for (let key = of.lane; key < of.keyCount; key += of.lanes) yield { kind: OpKind.create, key };
}

/**
 * What the history needs to end on: a `sync`, so that the session sees at least every write acknowledged before;
 * the list of children, by one connection; and a read of every key that may exist.
 */
export function* finalTasks(of: {
  readonly keyCount: number;
  readonly lane: number;
  readonly lanes: number;
  /** How many znodes this connection has created beyond the first `keyCount`. */
  readonly createdCount: number;
}): Generator<Task> {
  yield { kind: OpKind.sync, key: ROOT_KEY };
  if (of.lane === 0) yield { kind: OpKind.getChildren, key: ROOT_KEY };
  for (let key = of.lane; key < of.keyCount; key += of.lanes) yield { kind: OpKind.getData, key };
  for (let i = 0; i < of.createdCount; i++) {
    yield { kind: OpKind.getData, key: of.keyCount + of.lane + i * of.lanes };
  }
}
