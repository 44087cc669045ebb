import { keeperErrorName, outcomeOfError } from '../client/keeper-errors.ts';
import { ALL, type OpTotals, type Timeline } from '../history/report-schema.ts';
import { LatencyHistogram } from '../load/latency-histogram.ts';
import { summarizeLatency } from '../load/latency-summary.ts';
import { type Exchange, type Happening, isWrite } from './happening.ts';

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

const CONNECTION_LOSS = -4;

/** How many of the requests that were sent in this time were answered, by what, and how fast. */
export function totalsOf(happenings: readonly Happening[], span: Span): OpTotals[] {
  const groups = new Map<string, Exchange[]>([[ALL, []]]);
  for (const exchange of sentIn(happenings, span)) {
    const op = nameOf(exchange);
    groups.get(ALL)?.push(exchange);
    groups.set(op, [...(groups.get(op) ?? []), exchange]);
  }
  const seconds = (span.toMs - span.fromMs) / 1000;
  return [...groups].flatMap(([op, exchanges]) =>
    // Of one phase alone the figures are those of all.
    [ALL, 'measure'].map((phase) => ({ op, phase, ...figuresOf(exchanges, seconds) })),
  );
}

/** The same, interval by interval; a request belongs to the one in which it was sent. */
export function timelineOf(
  happenings: readonly Happening[],
  { intervalMs, deadlineMs, ...span }: Span & { readonly intervalMs: number; readonly deadlineMs: number },
): Timeline {
  const intervals = new Map<number, Exchange[]>();
  for (const exchange of sentIn(happenings, span)) {
    const index = Math.floor(exchange.sentNs / 1e6 / intervalMs);
    const exchanges = intervals.get(index);
    if (exchanges === undefined) intervals.set(index, [exchange]);
    else exchanges.push(exchange);
  }
  const points = [...intervals].sort(([a], [b]) => a - b);
  return {
    intervalMs,
    points: points.map(([index, exchanges]) => pointOf(index * intervalMs, exchanges, deadlineMs)),
  };
}

function* sentIn(happenings: readonly Happening[], { fromMs, toMs }: Span): Generator<Exchange> {
  for (const happening of happenings) {
    if (happening.type !== 'request') continue;
    const sentMs = happening.atNs / 1e6;
    if (sentMs >= fromMs && sentMs < toMs) yield happening.exchange;
  }
}

function figuresOf(exchanges: readonly Exchange[], seconds: number): Omit<OpTotals, 'op' | 'phase'> {
  const errors: Record<string, number> = {};
  let [ok, failed, unknown] = [0, 0, 0];
  for (const exchange of exchanges) {
    const err = exchange.reply?.err ?? CONNECTION_LOSS;
    if (err === 0) {
      ok++;
      continue;
    }
    if (outcomeOf(exchange) === 'unknown') unknown++;
    else failed++;
    const name = keeperErrorName(err);
    errors[name] = (errors[name] ?? 0) + 1;
  }
  const histogram = latenciesOf(exchanges);
  const latency = ok === 0 ? null : summarizeLatency(histogram);
  histogram.destroy();
  return {
    count: exchanges.length,
    ok,
    failed,
    unknown,
    errors,
    opsPerSecond: seconds > 0 ? ok / seconds : null,
    // A participant asks when it has its last answer: a request is sent when it is meant to be.
    responseTime: latency,
    serviceTime: null,
  };
}

function outcomeOf(exchange: Exchange): 'failed' | 'unknown' {
  const { reply } = exchange;
  if (reply === null) return isWrite(exchange) ? 'unknown' : 'failed';
  return outcomeOfError(reply.err, { reads: !isWrite(exchange) }) === 'info' ? 'unknown' : 'failed';
}

function pointOf(
  tMs: number,
  exchanges: readonly Exchange[],
  deadlineMs: number,
): Timeline['points'][number] {
  const ok: Record<string, number> = {};
  let served = 0;
  for (const exchange of exchanges) {
    const op = nameOf(exchange);
    if (exchange.reply?.err === 0) ok[op] = (ok[op] ?? 0) + 1;
    if (isServed(exchange, deadlineMs)) served++;
  }
  const histogram = latenciesOf(exchanges);
  const us = (percent: number): number | null =>
    histogram.count === 0 ? null : Math.round(histogram.percentile(percent)) / 1e3;
  const errors = exchanges.length - histogram.count;
  const latency = { p50Us: us(50), p99Us: us(99), p999Us: us(99.9), maxUs: us(100) };
  histogram.destroy();
  return { tMs, ok, errors, ...latency, availability: served / exchanges.length };
}

/** Answered in time. A definite refusal is an answer, and no lack of service. */
function isServed(exchange: Exchange, deadlineMs: number): boolean {
  const { reply, sentNs } = exchange;
  if (reply === null || reply.receivedNs - sentNs > deadlineMs * 1e6) return false;
  return reply.err === 0 || outcomeOf(exchange) === 'failed';
}

function latenciesOf(exchanges: readonly Exchange[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const { reply, sentNs } of exchanges)
    if (reply?.err === 0) histogram.record(reply.receivedNs - sentNs);
  return histogram;
}

function nameOf({ op }: Exchange): string {
  if (op === null) return 'other';
  return op.f === 'create2' ? 'create' : op.f;
}
