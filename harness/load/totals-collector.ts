import { keeperErrorName } from '../client/keeper-errors.ts';
import { opKindName } from '../history/op.ts';
import { ALL } from '../history/report-schema.ts';
import type { OpTotals } from '../history/report-schema.ts';
import type { PhaseReport } from './generator-messages.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import { summarizeLatency } from './latency-summary.ts';

/** Neither filling the tree nor reading it back is the load that was asked for, and nor is warming up. */
const NOT_MEASURED: ReadonlySet<string> = new Set(['prepare', 'warmup', 'final']);

interface Cell {
  ok: number;
  failed: number;
  unknown: number;
  readonly errors: Record<string, number>;
  response: LatencyHistogram | null;
  service: LatencyHistogram | null;
}

interface Span {
  startNs: number;
  endNs: number;
}

/** Adds up what the generators report of each phase, by operation and over all of them. */
export class TotalsCollector {
  readonly #cells = new Map<string, Map<string, Cell>>();
  readonly #spans = new Map<string, Span>();

  add(report: PhaseReport): void {
    // A cut in which nothing happened says nothing of when the phase was.
    if (report.totals.length === 0 && report.abandoned === 0) return;
    this.#extend(report.phase, report);
    this.#addTo(report.phase, report);
    if (!NOT_MEASURED.has(report.phase)) this.#addTo(ALL, report);
  }

  /** The phases in the order they were entered, in ns. */
  spans(): { readonly phase: string; readonly startNs: number; readonly endNs: number }[] {
    return [...this.#spans].map(([phase, span]) => ({ phase, ...span }));
  }

  /** Gives the histograms' memory back: to be called once. */
  finish(): OpTotals[] {
    const totals: OpTotals[] = [];
    for (const [phase, cells] of this.#cells) {
      const seconds = this.#secondsOf(phase);
      for (const [op, cell] of cells) {
        totals.push(totalsOf(cell, { op, phase, seconds }));
        cell.response?.destroy();
        cell.service?.destroy();
      }
    }
    return totals;
  }

  #addTo(phase: string, report: PhaseReport): void {
    for (const { kind, ok, failed, unknown, errors } of report.totals) {
      for (const cell of [this.#cell(phase, ALL), this.#cell(phase, opKindName(kind))]) {
        cell.ok += ok;
        cell.failed += failed;
        cell.unknown += unknown;
        for (const [code, count] of Object.entries(errors))
          addError(cell, keeperErrorName(Number(code)), count);
      }
    }
    if (report.abandoned > 0) {
      const all = this.#cell(phase, ALL);
      all.failed += report.abandoned;
      addError(all, 'Abandoned', report.abandoned);
    }
    for (const { kind, response, service } of report.histograms) {
      for (const cell of [this.#cell(phase, ALL), this.#cell(phase, opKindName(kind))]) {
        cell.response = addEncoded(cell.response, response);
        if (service !== null) cell.service = addEncoded(cell.service, service);
      }
    }
  }

  #extend(phase: string, { startNs, endNs }: Span): void {
    const span = this.#spans.get(phase);
    if (span === undefined) {
      this.#spans.set(phase, { startNs, endNs });
      return;
    }
    span.startNs = Math.min(span.startNs, startNs);
    span.endNs = Math.max(span.endNs, endNs);
  }

  #secondsOf(phase: string): number {
    const spans = [...this.#spans].filter(([name]) =>
      phase === ALL ? !NOT_MEASURED.has(name) : name === phase,
    );
    return spans.reduce((sum, [, { startNs, endNs }]) => sum + (endNs - startNs) / 1e9, 0);
  }

  #cell(phase: string, op: string): Cell {
    const cells = this.#cells.get(phase) ?? new Map<string, Cell>();
    this.#cells.set(phase, cells);
    const cell = cells.get(op) ?? { ok: 0, failed: 0, unknown: 0, errors: {}, response: null, service: null };
    cells.set(op, cell);
    return cell;
  }
}

function addError(cell: Cell, name: string, count: number): void {
  cell.errors[name] = (cell.errors[name] ?? 0) + count;
}

function addEncoded(sum: LatencyHistogram | null, encoded: string): LatencyHistogram {
  const histogram = LatencyHistogram.decode(encoded);
  if (sum === null) return histogram;
  sum.add(histogram);
  histogram.destroy();
  return sum;
}

function totalsOf(
  cell: Cell,
  of: { readonly op: string; readonly phase: string; readonly seconds: number },
): OpTotals {
  const { ok, failed, unknown, errors, response, service } = cell;
  return {
    op: of.op,
    phase: of.phase,
    count: ok + failed + unknown,
    ok,
    failed,
    unknown,
    errors,
    opsPerSecond: of.seconds > 0 ? ok / of.seconds : null,
    responseTime: response === null ? null : summarizeLatency(response),
    // In a closed loop an operation starts when it is sent: the two are one.
    serviceTime: service === null ? null : summarizeLatency(service),
  };
}
