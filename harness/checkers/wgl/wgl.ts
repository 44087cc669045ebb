import type { Verdict } from '../../history/verification.ts';
import { mergeVerdicts } from '../verdict.ts';
import { explain, type Explanation } from './explain.ts';
import type { Model, Operation } from './model.ts';
import { Search } from './search.ts';

/** What happened to one object that has nothing to do with the others: a history is linearizable if each of its parts is. */
export interface Partition<Input, Output> {
  readonly name: string;
  readonly operations: readonly Operation<Input, Output>[];
  readonly newModel: () => Model<Input, Output>;
}

export interface WglLimits {
  /** Over all partitions: how many operations the searches may look at. */
  readonly stepsMax?: number;
  /** Over all partitions: what the searches may remember. */
  readonly memoBytesMax?: number;
}

export interface PartitionVerdict<Input, Output> {
  readonly partition: Partition<Input, Output>;
  /** `unknown` where steps or memory ran out, or a violation elsewhere ended the check. */
  readonly verdict: Verdict;
  /** 0: it was never looked at. */
  readonly steps: number;
}

export interface WglResult<Input, Output> {
  /** The worst of the partitions'; of no partition at all it is valid. */
  readonly verdict: Verdict;
  readonly partitions: readonly PartitionVerdict<Input, Output>[];
  readonly steps: number;
  /** The largest that the memos of all searches were together. */
  readonly memoBytesMax: number;
  /** Of the first partition that isn't linearizable. */
  readonly violation: Violation<Input, Output> | null;
  /** What ended it too early. */
  readonly ranOutOf: 'steps' | 'memory' | null;
}

export interface Violation<Input, Output> extends Explanation<Input, Output> {
  readonly partition: Partition<Input, Output>;
}

const STEPS_MAX = 200_000_000;
const MEMO_BYTES_MAX = 1024 * 1024 * 1024;
const FIRST_TURN_STEPS = 4096;
const TURN_STEPS_MAX = 1 << 20;

interface Seat<Input, Output> {
  readonly partition: Partition<Input, Output>;
  /** Made when its turn first comes, given up when it has a verdict. */
  search: Search<Input, Output> | null;
  verdict: Verdict | null;
  steps: number;
  memoBytes: number;
}

/**
 * Whether each of many objects behaved as if it were asked one thing at a time, each at some moment between its call
 * and its return: linearizable. It looks at what was asked, answered and when, and at nothing that the system says
 * of its own order.
 *
 * The search may take exponential time in how many operations run at one moment, so it is bounded; and the partitions
 * take turns, which get longer with every round, so that a hard one doesn't keep the others from their verdicts. The
 * first violation ends it: the history isn't linearizable whatever the others are.
 */
export class Wgl<Input, Output> {
  readonly #seats: readonly Seat<Input, Output>[];
  readonly #stepsMax: number;
  readonly #memoBytesMax: number;
  #turn: Seat<Input, Output>[];
  #waiting: Seat<Input, Output>[] = [];
  #turnSteps = FIRST_TURN_STEPS;
  #steps = 0;
  #memoBytes = 0;
  #memoBytesPeak = 0;
  #decided = 0;
  #violation: Violation<Input, Output> | null = null;
  #ranOutOf: 'steps' | 'memory' | null = null;

  constructor(
    partitions: readonly Partition<Input, Output>[],
    { stepsMax = STEPS_MAX, memoBytesMax = MEMO_BYTES_MAX }: WglLimits = {},
  ) {
    this.#seats = partitions.map((partition) => {
      return { partition, search: null, verdict: null, steps: 0, memoBytes: 0 };
    });
    this.#turn = this.#seats.toReversed();
    this.#stepsMax = stepsMax;
    this.#memoBytesMax = memoBytesMax;
  }

  /** Partitions with a verdict, and steps so far. */
  get progress(): { readonly decided: number; readonly partitions: number; readonly steps: number } {
    return { decided: this.#decided, partitions: this.#seats.length, steps: this.#steps };
  }

  /** Goes on for about `steps` steps. Whether it is done. */
  advance(steps: number): boolean {
    const end = this.#steps + steps;
    while (!this.#isOver() && this.#steps < end) {
      const seat = this.#turn.pop();
      if (seat === undefined) {
        this.#turn = this.#waiting.toReversed();
        this.#waiting = [];
        this.#turnSteps = Math.min(this.#turnSteps * 2, TURN_STEPS_MAX);
        continue;
      }
      // A turn cut short by the slice counts as one: the order of turns only has to be fair.
      this.#advanceSeat(seat, Math.min(this.#turnSteps, end - this.#steps, this.#stepsMax - this.#steps));
    }
    return this.#isOver();
  }

  /** What is known by now: undecided partitions are unknown. */
  result(): WglResult<Input, Output> {
    const partitions = this.#seats.map(({ partition, verdict, steps }): PartitionVerdict<Input, Output> => {
      return { partition, verdict: verdict ?? 'unknown', steps };
    });
    const verdicts = partitions.map(({ verdict }) => verdict);
    return {
      verdict: verdicts.length === 0 ? 'valid' : mergeVerdicts(verdicts),
      partitions,
      steps: this.#steps,
      memoBytesMax: this.#memoBytesPeak,
      violation: this.#violation,
      ranOutOf: this.#ranOutOf,
    };
  }

  #isOver(): boolean {
    return this.#decided === this.#seats.length || this.#violation !== null || this.#ranOutOf !== null;
  }

  #advanceSeat(seat: Seat<Input, Output>, steps: number): void {
    const { partition } = seat;
    const search = (seat.search ??= new Search(partition.operations, partition.newModel()));
    const before = search.steps;
    seat.verdict = search.advance(steps);
    seat.steps = search.steps;
    this.#steps += search.steps - before;
    this.#memoBytes += search.memoBytes - seat.memoBytes;
    seat.memoBytes = search.memoBytes;
    this.#memoBytesPeak = Math.max(this.#memoBytesPeak, this.#memoBytes);
    if (seat.verdict === null) {
      this.#waiting.push(seat);
      if (this.#steps >= this.#stepsMax) this.#ranOutOf = 'steps';
      else if (this.#memoBytes > this.#memoBytesMax) this.#ranOutOf = 'memory';
      return;
    }
    this.#decided++;
    if (seat.verdict === 'invalid') this.#violation = { partition, ...explain(search, partition.newModel()) };
    else if (this.#steps >= this.#stepsMax && this.#decided < this.#seats.length) this.#ranOutOf = 'steps';
    seat.search = null;
    this.#memoBytes -= seat.memoBytes;
  }
}

/** The whole check in one go. */
export function checkLinearizable<Input, Output>(
  partitions: readonly Partition<Input, Output>[],
  limits: WglLimits = {},
): WglResult<Input, Output> {
  const wgl = new Wgl(partitions, limits);
  wgl.advance(Infinity);
  return wgl.result();
}
