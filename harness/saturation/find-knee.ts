/** What a run at a rate has come to. `limited`: the load generator could not keep up, which says nothing of the servers. */
export type StepOutcome = 'sustained' | 'missed' | 'limited';

/** What is known of the highest sustainable rate, in operations a second. */
export interface Bracket {
  /** The highest that was sustained; null: none was. */
  readonly sustained: number | null;
  /** The lowest above it that was not; null: none was found. */
  readonly failing: number | null;
  /** By what `failing` did. */
  readonly failingBy: Exclude<StepOutcome, 'sustained'> | null;
}

/** A run that is to be made. */
export interface KneeStep {
  /** Operations a second. */
  readonly rate: number;
  /** `search`: to come near. `verify`: a longer run, by which the result stands. */
  readonly purpose: 'search' | 'verify';
  /** 1, or 2 where the first has missed. */
  readonly attempt: number;
  /** All that is known before it. */
  readonly known: Bracket;
}

export interface KneeOptions {
  /** Where the search begins. */
  readonly from: number;
  readonly max: number;
}

/** Below that there is no load to speak of. */
const RATE_MIN = 1;
/** How far apart, at most, the two ends of the result are: they are within 5 % with room for noise. */
const PRECISION = 1.03;
/** A neighbour on the machine makes any run miss now and then; twice in a row it seldom does. */
const ATTEMPTS = 2;
const STRIDE_MAX = 2;
/** A generator that cannot keep up with less and less has another trouble than the rate. */
const LIMITED_MAX = 3;
const NOTHING: Bracket = { sustained: null, failing: null, failingBy: null };

/**
 * Looks for the highest rate that is sustained: yields what is to be run, is told what came of it, and returns the bracket
 * around the knee, whose ends are no further apart than 3 %, or null at an end that was not found.
 *
 * First it doubles (or halves) the rate, and halves the bracket, on a logarithmic scale, by short runs. What that comes to
 * is only where long runs begin: they go up or down from there, at first by 3 % and then in longer strides, until one is
 * sustained and one is not, and meet in between. So both ends of the result have been seen in long runs, and a search that a
 * disturbance has led astray is led back. A rate fails when it has missed twice.
 */
export function* findKnee({ from, max }: KneeOptions): Generator<KneeStep, Bracket, StepOutcome> {
  const near = yield* settle('search', { from, max, stride: STRIDE_MAX, known: NOTHING });
  if (near.sustained === null) return near;
  return yield* settle('verify', { from: near.sustained, max, stride: PRECISION, known: near });
}

/** `known` is of runs of another purpose: told, and not counted on. */
function* settle(
  purpose: KneeStep['purpose'],
  { from, max, known, ...options }: KneeOptions & { readonly stride: number; readonly known: Bracket },
): Generator<KneeStep, Bracket, StepOutcome> {
  let { stride } = options;
  let found = NOTHING;
  let limited = 0;
  for (let rate: number | null = rounded(Math.min(from, max)); rate !== null;) {
    const outcome: StepOutcome = yield* tried(rate, purpose, found === NOTHING ? known : found);
    found =
      outcome === 'sustained'
        ? { ...found, sustained: rate }
        : { ...found, failing: rate, failingBy: outcome };
    limited = outcome === 'limited' ? limited + 1 : 0;
    if (found.sustained === null && limited === LIMITED_MAX) break;
    rate = nextRate(found, { stride, max });
    stride = Math.min(STRIDE_MAX, stride ** 2);
  }
  return found;
}

function* tried(
  rate: number,
  purpose: KneeStep['purpose'],
  known: Bracket,
): Generator<KneeStep, StepOutcome, StepOutcome> {
  let outcome: StepOutcome = 'missed';
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    outcome = yield { rate, purpose, attempt, known };
    if (outcome === 'sustained') break;
  }
  return outcome;
}

/** Null: there is nothing more to find out. */
function nextRate(
  { sustained, failing }: Bracket,
  { stride, max }: { readonly stride: number; readonly max: number },
): number | null {
  if (sustained === null) {
    return failing === null || failing <= RATE_MIN ? null : Math.max(RATE_MIN, rounded(failing / stride));
  }
  if (failing === null) return sustained >= max ? null : Math.min(max, rounded(sustained * stride));
  const middle = rounded(Math.sqrt(sustained * failing));
  const isBetween = middle > sustained && middle < failing;
  return failing / sustained <= PRECISION || !isBetween ? null : middle;
}

/** Three digits: more would feign a precision that there is not. */
function rounded(rate: number): number {
  return Number(rate.toPrecision(3));
}

/** Arrivals that are drawn vary by a few times the root of their number. */
const DEVIATIONS = 3;
const SHARE_MIN = 0.98;

/**
 * What a run of so many seconds at `rate` must at least achieve, in operations a second, to have sustained it: 98 %, and as
 * much less as chance may take away from so few arrivals.
 */
export function throughputFloor(rate: number, seconds: number): number {
  return Math.max(0, Math.floor(SHARE_MIN * rate - DEVIATIONS * Math.sqrt(rate / seconds)));
}
