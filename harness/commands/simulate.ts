import { availableParallelism } from 'node:os';
import { EXPECTED_MARKS } from '../sim/marks.ts';
import { runSeed } from '../sim/run-seed.ts';
import type { SeedMessage, SeedRequest } from '../sim/seed-messages.ts';
import { runSeeds } from '../sim/seed-pool.ts';
import type { SimulationResult } from '../sim/simulation.ts';
import { describeSwarm, drawSwarm } from '../sim/swarm.ts';
import { ExitCode } from './exit-code.ts';
import { Interruption } from './interruption.ts';

/** A run that got fewer writes through has tested little. */
const WRITES_MIN = 100;
const WASTED_SHARE_MAX = 0.1;
/** From this many seeds on, every mark must have been seen. */
const SEEDS_FOR_MARKS = 1000;
/** Every so many seeds one is run twice. */
const DOUBLE_RUN_EVERY = 100;
const PROGRESS_MS = 30_000;
const TRACE_LINES = 80;
const FAILURES_SHOWN = 20;

interface Output {
  readonly print: (line: string) => void;
  readonly printError: (line: string) => void;
}

export interface SimulateOneOptions extends Output {
  readonly seed: number;
  readonly isTraced: boolean;
  readonly untilEvent: number | undefined;
}

/** `simulate --seed N`: one run, and if it fails the end of its trace. 100 for a violation. */
export function simulateOne({ seed, isTraced, untilEvent, print }: SimulateOneOptions): ExitCode {
  print(`seed ${seed}: ${describeSwarm(drawSwarm(seed))}`);
  const until = untilEvent === undefined ? {} : { untilEvent };
  const startedMs = performance.now();
  const result = runSeed(seed, isTraced ? { trace: print, ...until } : until);
  const seconds = (performance.now() - startedMs) / 1000;
  if (result.violation === null) {
    print(
      `${summaryOf(result)}, ${Math.round(result.events / seconds)} events/s, hash ${result.hash.toString(16)}`,
    );
    return ExitCode.passed;
  }
  if (!isTraced) for (const line of lastLines(seed, until)) print(line);
  print(failureOf(result));
  return ExitCode.historyInvalid;
}

export interface SimulateManyOptions extends Output {
  readonly seeds: Iterable<number>;
  readonly jobs: number | undefined;
  readonly maxSeconds: number | undefined;
  readonly isTerminal: boolean;
}

/**
 * `simulate --seeds N`: 100 for a violation, 99 if the seeds have tested too little. Interrupted it lets the seeds that
 * are under way come to their end, and tells what there is.
 */
export async function simulateMany(options: SimulateManyOptions): Promise<ExitCode> {
  const { seeds, maxSeconds, print, printError, isTerminal } = options;
  const tally = new Tally();
  const startedMs = performance.now();
  const seconds = (): number => (performance.now() - startedMs) / 1000;
  const progress = isTerminal
    ? setInterval(() => process.stderr.write(`\r${tally.line(seconds())}   `), 500)
    : setInterval(() => print(tally.line(seconds())), PROGRESS_MS);
  const interruption = new Interruption();
  await runSeeds({
    jobs: options.jobs ?? availableParallelism(),
    seeds: requests(seeds),
    onResult: (message) => {
      tally.add(message);
      const failure = tally.failureOf(message);
      if (failure !== null && tally.failures.length <= FAILURES_SHOWN) print(failure);
    },
    onLost: (seed, why) => {
      tally.failures.push(seed);
      print(`seed ${seed}: ${why}`);
    },
    isOver: () => interruption.exitCode !== null || (maxSeconds !== undefined && seconds() > maxSeconds),
  });
  clearInterval(progress);
  if (isTerminal) process.stderr.write('\n');
  print(tally.line(seconds()));
  for (const line of tally.marksLines()) print(line);
  interruption.stop();
  if (tally.failures.length > 0) {
    print(`failed: ${tally.failures.slice(0, FAILURES_SHOWN).join(' ')}`);
    print(`again:  npm run simulate -- --seed ${tally.failures[0]}`);
    return ExitCode.historyInvalid;
  }
  if (interruption.exitCode !== null) return interruption.exitCode;
  const complaints = tally.complaints();
  for (const complaint of complaints) printError(complaint);
  return complaints.length > 0 ? ExitCode.thresholdMissed : ExitCode.passed;
}

/** So many seeds, from this one on. */
export function* seedsFrom(from: number, count: number): Generator<number, void> {
  for (let i = 0; i < count; i++) yield from + i;
}

function* requests(seeds: Iterable<number>): Generator<SeedRequest, void> {
  let count = 0;
  for (const seed of seeds) yield { seed, isTwice: count++ % DOUBLE_RUN_EVERY === 0 };
}

class Tally {
  readonly failures: number[] = [];
  readonly #marks = new Map<string, number>();
  #seeds = 0;
  #events = 0;
  #wasted = 0;
  #virtualMs = 0;
  #acked = 0;

  add({ result }: SeedMessage): void {
    this.#seeds++;
    this.#events += result.events;
    this.#virtualMs += result.virtualMs;
    this.#acked += result.ackedWrites;
    if (result.ackedWrites < WRITES_MIN && result.violation === null) this.#wasted++;
    for (const [name, count] of result.marks) this.#marks.set(name, (this.#marks.get(name) ?? 0) + count);
  }

  /** Null if it is none. */
  failureOf({ result, isDeterministic }: SeedMessage): string | null {
    if (result.violation === null && isDeterministic) return null;
    this.failures.push(result.seed);
    if (result.violation !== null) return failureOf(result);
    return `seed ${result.seed}: two runs differ`;
  }

  line(seconds: number): string {
    const hours = (this.#virtualMs / 3_600_000).toFixed(1);
    const rate = Math.round(this.#events / seconds);
    return (
      `${this.#seeds} seeds, ${this.failures.length} failed, ${this.#wasted} wasted; ${this.#events} events ` +
      `(${rate}/s), ${hours} simulated hours, ${this.#acked} writes acknowledged`
    );
  }

  *marksLines(): Generator<string> {
    const names = [...this.#marks.keys()].sort();
    yield names.map((name) => `${name} ${this.#marks.get(name)}`).join(' · ');
    const unseen = this.#unseen();
    if (unseen.length > 0) yield `never seen: ${unseen.join(', ')}`;
  }

  complaints(): string[] {
    const complaints: string[] = [];
    if (this.#wasted > WASTED_SHARE_MAX * this.#seeds) complaints.push(`${this.#wasted} seeds are wasted`);
    if (this.#seeds >= SEEDS_FOR_MARKS && this.#unseen().length > 0) {
      complaints.push(`what was never seen was not tested: ${this.#unseen().join(', ')}`);
    }
    return complaints;
  }

  #unseen(): string[] {
    return EXPECTED_MARKS.filter((name) => (this.#marks.get(name) ?? 0) === 0);
  }
}

function summaryOf({ events, virtualMs, ackedWrites, committed }: Omit<SimulationResult, 'marks'>): string {
  const seconds = (virtualMs / 1000).toFixed(1);
  return `no violation in ${events} events, ${seconds} simulated seconds, ${committed} txns, ${ackedWrites} acknowledged`;
}

function failureOf({ seed, violation, events }: Omit<SimulationResult, 'marks'>): string {
  if (violation === null) return '';
  const at = `after ${events} events, at ${(violation.atMs / 1000).toFixed(6)} s`;
  return `seed ${seed}: ${violation.property} violated ${at}: ${violation.message}`;
}

/** The seed once more, for what happened last. */
function lastLines(seed: number, until: { readonly untilEvent?: number }): string[] {
  const lines: string[] = [];
  runSeed(seed, {
    ...until,
    trace: (line) => {
      lines.push(line);
      if (lines.length > 2 * TRACE_LINES) lines.splice(0, TRACE_LINES);
    },
  });
  return lines.slice(-TRACE_LINES);
}
