import { ddmin } from './ddmin.ts';
import {
  cutAt,
  isLess,
  lastStartMs,
  longestMs,
  occurrencesIn,
  type Scenario,
  tailMs,
  withLastStart,
  withLongest,
  withOccurrences,
  withTail,
} from './scenario.ts';
import { smallest } from './smallest.ts';

export interface SearchFacts {
  /** How many servers have a vote: what may go wrong at the same time depends on it. */
  readonly voters: number;
  /** When it was seen to have failed; null: nobody knows. */
  readonly failedAtMs: number | null;
}

/** What happened last may be seen only a little later, or take place a little later when it is played again. */
const CUT_AFTER_MS = 1_000;
/** A time is short enough within this, or this share of it. */
const TIME_PRECISION_MS = 100;
const TIME_PRECISION_SHARE = 1 / 4;

/**
 * Looks for the least that still fails: yields what is to be tried, nothing twice, is told whether it failed, and returns the
 * smallest that did. `scenario` is known to fail. First without probes and without what came later; then the fewest faults
 * (`ddmin`), the fewest clients, and the shortest times (`smallest`), until there can be neither fewer faults nor clients.
 *
 * Of answers that are always the same the result is 1-minimal: with one fault or one client less it does not fail.
 */
export function* search(
  scenario: Scenario,
  { voters, failedAtMs }: SearchFacts,
): Generator<Scenario, Scenario, boolean> {
  const judge = new Judge();
  let best = scenario;
  best = yield* judge.prefer({ ...best, isProbed: false }, best);
  if (failedAtMs !== null) best = yield* judge.prefer(cutAt(best, failedAtMs + CUT_AFTER_MS), best);
  for (let isShort = false; ; isShort = true) {
    const before = best;
    best = yield* judge.along(ddmin(occurrencesIn(best)), best, withOccurrences);
    best = yield* judge.along(
      smallest(best.participants, () => 1),
      best,
      (from, participants) => ({ ...from, participants }),
    );
    if (isShort && best === before) return best;
    best = yield* judge.along(shortest(tailMs(best)), best, withTail);
    best = yield* judge.along(shortest(lastStartMs(best)), best, (from, ms) =>
      withLastStart(from, ms, voters),
    );
    best = yield* judge.along(shortest(longestMs(best)), best, withLongest);
  }
}

function shortest(ms: number): Generator<number, number, boolean> {
  return smallest(Math.ceil(ms), (fails) => Math.max(TIME_PRECISION_MS, fails * TIME_PRECISION_SHARE));
}

/** Knows what did not fail, and asks for nothing twice. */
class Judge {
  readonly #passed = new Set<string>();

  /** The candidate, if it is less and fails. */
  *prefer(candidate: Scenario, best: Scenario): Generator<Scenario, Scenario, boolean> {
    const key = JSON.stringify(candidate);
    if (!isLess(candidate, best) || this.#passed.has(key)) return best;
    if (yield candidate) return candidate;
    this.#passed.add(key);
    return best;
  }

  /** The last that fails of what a search of a part of it comes to. */
  *along<V>(
    values: Generator<V, V, boolean>,
    from: Scenario,
    candidateOf: (from: Scenario, value: V) => Scenario,
  ): Generator<Scenario, Scenario, boolean> {
    let best = from;
    for (let next = values.next(); next.done !== true;) {
      const candidate = candidateOf(from, next.value);
      const better = yield* this.prefer(candidate, best);
      next = values.next(better === candidate);
      best = better;
    }
    return best;
  }
}
