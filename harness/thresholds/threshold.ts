import { LOAD_OPERATIONS, type LoadOperation } from '../load/load-operations.ts';

/** What a figure is given in, wherever it is shown. */
export type ThresholdUnit = 'ms' | '%' | 'ops/s';

/** Of a summary of latencies. */
export type LatencyField = 'p50Us' | 'p90Us' | 'p95Us' | 'p99Us' | 'p999Us' | 'p9999Us' | 'meanUs' | 'maxUs';

/** What is measured. */
export type Metric =
  /** Response time of what succeeded under load. */
  | { readonly type: 'latency'; readonly op: LoadOperation | 'all'; readonly field: LatencyField }
  /** The longest time without an acknowledged write, over all that was done to the servers. */
  | { readonly type: 'writeGap' }
  /** Share of what was intended that succeeded in time. */
  | { readonly type: 'availability' }
  /** Operations of all kinds that succeeded, a second. */
  | { readonly type: 'throughput' }
  /** Share of the operations that did not succeed. */
  | { readonly type: 'errors' };

export type Comparison = '<' | '<=' | '>' | '>=';

/** What a run has to hold. */
export interface Threshold {
  /** As it was written. */
  readonly expression: string;
  /** `write.p99`. */
  readonly name: string;
  readonly metric: Metric;
  readonly unit: ThresholdUnit;
  readonly comparison: Comparison;
  /** In the unit, or so many times what the baseline has. */
  readonly bound:
    | { readonly type: 'value'; readonly value: number }
    | { readonly type: 'baseline'; readonly factor: number };
}

export type ParsedThreshold =
  | { readonly ok: true; readonly threshold: Threshold }
  /** `column`: where it is wrong, from 1. `advice`: what would be right there. */
  | { readonly ok: false; readonly column: number; readonly advice: string };

const LATENCY_FIELDS: ReadonlyMap<string, LatencyField> = new Map<string, LatencyField>([
  ['p50', 'p50Us'],
  ['p90', 'p90Us'],
  ['p95', 'p95Us'],
  ['p99', 'p99Us'],
  ['p999', 'p999Us'],
  ['p9999', 'p9999Us'],
  ['mean', 'meanUs'],
  ['max', 'maxUs'],
]);

const WHOLE_RUN: ReadonlyMap<string, { readonly metric: Metric; readonly unit: ThresholdUnit }> = new Map([
  ['write.gap', { metric: { type: 'writeGap' }, unit: 'ms' }],
  ['availability', { metric: { type: 'availability' }, unit: '%' }],
  ['throughput', { metric: { type: 'throughput' }, unit: 'ops/s' }],
  ['errors', { metric: { type: 'errors' }, unit: '%' }],
]);

const COMPARISONS: readonly string[] = ['<', '<=', '>', '>='] satisfies Comparison[];

/** How much of the unit a figure with this behind it is. */
const SCALES: Readonly<Record<ThresholdUnit, Readonly<Record<string, number>>>> = {
  ms: { us: 0.001, ms: 1, s: 1000 },
  '%': { '%': 1 },
  'ops/s': { '': 1 },
};

const BOUND_HELP: Readonly<Record<ThresholdUnit, string>> = {
  ms: 'a time is a number with us, ms or s behind it, as in 20ms',
  '%': 'a share is a number from 0 to 100 with % behind it, as in 99.5%',
  'ops/s': 'a throughput is a number of operations a second, as in 50000',
};

class Mistake {
  readonly at: number;
  readonly advice: string;

  constructor(at: number, advice: string) {
    this.at = at;
    this.advice = advice;
  }
}

/**
 * What a run has to hold, from one expression:
 *
 * ```text
 * write.p99<20ms             response time: an operation of the mix, or all; p50 to p9999, mean, max; us, ms, s
 * write.gap<1s               the longest time without an acknowledged write after something was done to the servers
 * availability>=99.5%        of what clients meant to do
 * throughput>=50000          operations a second
 * errors<1%
 * throughput>=0.9*baseline   any of them, held against a run from before
 * ```
 *
 * Blanks between its parts do not matter.
 */
export function parseThreshold(text: string): ParsedThreshold {
  const parts = /^(\s*)([^\s<>=!]*)(\s*)([<>=!]*)(\s*)(.*?)\s*$/s.exec(text)?.slice(1) ?? [];
  const [before = '', name = '', space = '', comparison = '', gap = '', bound = ''] = parts;
  const nameAt = before.length;
  const comparisonAt = nameAt + name.length + space.length;
  const boundAt = comparisonAt + comparison.length + gap.length;

  const measured = metricOf(name, nameAt);
  if (measured instanceof Mistake) return wrong(measured);
  if (!isComparison(comparison)) {
    return wrong(new Mistake(comparisonAt, `behind ${name} comes one of <, <=, > and >=`));
  }
  const parsed = boundOf(bound, boundAt, measured.unit);
  if (parsed instanceof Mistake) return wrong(parsed);
  const expression = text.trim();
  return { ok: true, threshold: { expression, name, ...measured, comparison, bound: parsed } };
}

function wrong({ at, advice }: Mistake): ParsedThreshold {
  return { ok: false, column: at + 1, advice };
}

function metricOf(
  name: string,
  at: number,
): { readonly metric: Metric; readonly unit: ThresholdUnit } | Mistake {
  const whole = WHOLE_RUN.get(name);
  if (whole !== undefined) return whole;
  const [op = '', figure, ...rest] = name.split('.');
  if (!isOperation(op) || (op !== name && rest.length > 0)) {
    const what = name === '' ? 'begin with what is measured' : `there is no ${name} to measure`;
    return new Mistake(
      at,
      `${what}: give ${[...WHOLE_RUN.keys()].join(', ')}, or an operation and a figure, as in write.p99`,
    );
  }
  const field = LATENCY_FIELDS.get(figure ?? '');
  if (field !== undefined) return { metric: { type: 'latency', op, field }, unit: 'ms' };
  return new Mistake(
    figure === undefined ? at + op.length : at + op.length + 1,
    `${op} has ${[...LATENCY_FIELDS.keys()].join(', ')}${op === 'write' ? ', gap' : ''}; write ${op}.p99`,
  );
}

function boundOf(text: string, at: number, unit: ThresholdUnit): Threshold['bound'] | Mistake {
  const baseline = /^(?:(\d+(?:\.\d+)?)\s*\*\s*)?baseline$/.exec(text);
  if (baseline !== null) return { type: 'baseline', factor: Number(baseline[1] ?? 1) };
  const help = `${BOUND_HELP[unit]}, or a share of what the baseline has, as in 0.9*baseline`;
  const [, number = '', space = '', word = ''] = /^(\d+(?:\.\d+)?)(\s*)(.*)$/s.exec(text) ?? [];
  if (number === '') return new Mistake(at, help);
  const scale = SCALES[unit][word];
  if (scale === undefined) return new Mistake(at + number.length + space.length, help);
  const value = Number(number) * scale;
  if (unit === '%' && value > 100) return new Mistake(at, help);
  return { type: 'value', value };
}

function isOperation(word: string): word is LoadOperation | 'all' {
  return word === 'all' || LOAD_OPERATIONS.some((operation) => operation === word);
}

function isComparison(text: string): text is Comparison {
  return COMPARISONS.includes(text);
}
