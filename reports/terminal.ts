import { ALL } from '../harness/history/report-schema.ts';
import type { OpTotals, Recovery, Report } from '../harness/history/report-schema.ts';
import { runBadge, runSentence } from './badge.ts';
import type { Tone } from './badge.ts';
import { boxTable } from './box-table.ts';
import { formatCount, formatDuration, formatPlural, formatRate, formatUsAsMs } from './format.ts';
import { opsOf, overallTotals, quantileUs, totalsByOp } from './latency.ts';
import { HTTP_COLUMNS, httpCells } from './sections/http.ts';
import { recoverySteps } from './sections/recovery.ts';
import { shownFaults } from './availability-rows.ts';
import { RECOVERY_COLUMNS, recoveryDoubt, recoveryFacts, ensembleRows } from './recovery-table.ts';
import { SPREAD_COLUMNS, summaryRows, summaryTitle } from './recovery-summary.ts';
import { shownRecoveries } from './shown-recoveries.ts';
import { availabilityStrip } from './text-strip.ts';
import { anomalyCount, sampleInWords } from './sections/verification.ts';
import { runSubject } from './subject.ts';
import { paintWith, printable } from './terminal-style.ts';
import type { Paint } from './terminal-style.ts';
import { baselineInWords, formatAssigned } from './threshold-figures.ts';
import { sampleAt, throughputSamples } from './throughput-samples.ts';

export type TerminalOptions = { readonly hasColour: boolean; readonly htmlPath: string };

const PAINT_OF_TONE = { good: 'green', bad: 'red', warn: 'yellow', plain: 'bold' } as const satisfies Record<
  Tone,
  string
>;

/** The end of a run on a terminal, in the manner of autocannon; its last line says where the report is. */
export function renderTerminal(report: Report, options: TerminalOptions): string {
  const paint = paintWith(options.hasColour);
  const badge = runBadge(report);
  const blocks = [
    `${paint('bold', printable(report.workload?.name ?? report.identity.runId))}\n${printable(runSubject(report))}`,
    [latencyTable(report, paint), throughputTable(report, paint)].filter((table) => table !== '').join('\n'),
    [...countLines(report), ...recoveryLines(report)].join('\n'),
    httpTable(report, paint),
    recoveryTables(report, paint),
    availabilityStrip(report).map(printable).join('\n'),
    probedRecoveries(report, paint),
    thresholdLines(report, paint),
    [verificationLine(report, paint), generatorLine(report, paint), proberLine(report, paint)]
      .filter((line) => line !== '')
      .join('\n'),
    `${paint(PAINT_OF_TONE[badge.tone], badge.label.toUpperCase())}  ${printable(runSentence(report))}`,
    `report: ${printable(options.htmlPath)}`,
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function latencyTable(report: Report, paint: Paint): string {
  const rows = totalsByOp(report).flatMap((totals) => {
    const latency = totals.responseTime ?? totals.serviceTime;
    if (latency === null) return [];
    const percentiles = [2.5, 50, 97.5, 99, 99.9].map((percentile) => quantileUs(latency, percentile));
    return [
      [
        paint('bold', opName(totals.op)),
        ...[...percentiles, latency.meanUs, latency.maxUs].map(formatUsAsMs),
      ],
    ];
  });
  return boxTable(['Latency, ms', '2.5%', '50%', '97.5%', '99%', '99.9%', 'Avg', 'Max'], rows, paint);
}

function throughputTable(report: Report, paint: Paint): string {
  const ops = opsOf(report);
  let note = '';
  const rows = [null, ...(ops.length > 1 ? ops : [])].flatMap((op) => {
    const samples = throughputSamples(report, op);
    if (samples === null) return [];
    const { sorted, sampleMs } = samples;
    note = `Sampled every ${formatDuration(sampleMs)}, ${formatPlural(sorted.length, 'sample')}.`;
    const average = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
    const cells = [
      sampleAt(sorted, 0),
      sampleAt(sorted, 1),
      sampleAt(sorted, 2.5),
      sampleAt(sorted, 50),
      average,
    ];
    return [[paint('bold', opName(op ?? ALL)), ...[...cells, sampleAt(sorted, 100)].map(formatRate)]];
  });
  const box = boxTable(['Ops/s', 'Min', '1%', '2.5%', '50%', 'Avg', 'Max'], rows, paint);
  return box === '' ? '' : `${box}\n${paint('dim', note)}`;
}

function countLines(report: Report): readonly string[] {
  const totals = overallTotals(report);
  if (totals === null) return [];
  const errors = totals.failed + totals.unknown;
  return [
    `${formatPlural(totals.count, 'op')} measured, ${formatPlural(errors, 'error')}${errorList(totals)}`,
    ...(totals.unknown > 0 ? [`${formatCount(totals.unknown)} of them with an unknown outcome`] : []),
  ];
}

function errorList(totals: OpTotals): string {
  const codes = Object.entries(totals.errors).sort(([, a], [, b]) => b - a);
  if (codes.length === 0) return '';
  return ` (${codes.map(([code, count]) => `${printable(code)} ${formatCount(count)}`).join(', ')})`;
}

function recoveryLines(report: Report): readonly string[] {
  const { summary, shown } = shownRecoveries(report.recoveries);
  const lines = shown.map((recovery) => `${printable(recovery.fault)}: ${recoverySummary(recovery)}`);
  return summary === null ? lines : [summary, ...lines];
}

/** Of requests beside the workload: alone they are the workload. */
function httpTable({ http, workload }: Report, paint: Paint): string {
  if (http === null || workload?.name === http.name) return '';
  return boxTable(
    ['Beside it', ...HTTP_COLUMNS],
    [[paint('bold', printable(http.name)), ...httpCells(http)]],
    paint,
  );
}

function recoveryTables(report: Report, paint: Paint): string {
  return report.recoverySummaries
    .map((summary) => {
      const rows = summaryRows(summary).map(([name = '', ...cells]) => [paint('bold', name), ...cells]);
      return boxTable([printable(summaryTitle(summary)), ...SPREAD_COLUMNS], rows, paint);
    })
    .join('\n');
}

function probedRecoveries(report: Report, paint: Paint): string {
  return shownFaults(report)
    .map((fault) => {
      const rows = ensembleRows(fault).map(([name = '', ...cells]) => [
        paint('bold', printable(name)),
        ...cells,
      ]);
      const facts = recoveryFacts(fault).map(([name, value]) => `${name.toLowerCase()} ${printable(value)}`);
      const doubt = recoveryDoubt(fault);
      return [
        `${printable(fault.fault)}, by probes: ${facts.join(', ')}`,
        ...(doubt === null ? [] : [paint('yellow', doubt)]),
        boxTable(['Probes', ...RECOVERY_COLUMNS], rows, paint),
      ].join('\n');
    })
    .join('\n\n');
}

function recoverySummary(recovery: Recovery): string {
  const [first, ...later] = recoverySteps(recovery);
  const steps =
    first === undefined
      ? []
      : later.map(({ name, atMs }) => `${name} + ${formatDuration(atMs - first.atMs)}`);
  const gap =
    recovery.writeGapMs === null ? [] : [`longest write gap ${formatDuration(recovery.writeGapMs)}`];
  return [...steps, ...gap].join(', ') || 'nothing measured';
}

/** In the manner of k6. */
function thresholdLines(report: Report, paint: Paint): string {
  const lines = (report.verdict?.thresholds ?? []).map(({ expression, passed, ...threshold }) => {
    const { name, unit, actual, baseline, note } = threshold;
    const isHeld = passed === true;
    const words = [
      paint(isHeld ? 'green' : 'red', isHeld ? '✓' : '✗'),
      `'${printable(expression)}'`,
      ...(actual === null ? [] : [printable(formatAssigned(name ?? 'measured', actual, unit))]),
      ...(baseline === null ? [] : [formatAssigned('baseline', baseline, unit)]),
      ...(note === null ? [] : [`nothing to measure it on: ${printable(note)}`]),
    ];
    return words.join(' ');
  });
  const baseline = baselineInWords(report);
  return [...lines, ...(baseline === null ? [] : [`baseline: ${printable(baseline)}`])].join('\n');
}

function verificationLine(report: Report, paint: Paint): string {
  const { verification } = report;
  if (verification === null) return `history: ${paint('yellow', 'not verified')}`;
  const colour = { valid: 'green', unknown: 'yellow', invalid: 'red' } as const;
  const checkers = verification.checkers.map((checker) => {
    const found = anomalyCount(checker);
    const what = found === 0 ? '' : ` (${formatPlural(found, 'anomaly', 'anomalies')})`;
    const sample = sampleInWords(checker);
    const where = sample === null ? '' : ` ${printable(sample)}`;
    return `${printable(checker.name)} ${checker.verdict}${where}${what}`;
  });
  const list = checkers.length === 0 ? '' : `: ${checkers.join(', ')}`;
  return `history: ${paint(colour[verification.verdict], verification.verdict)}${list}`;
}

function generatorLine(report: Report, paint: Paint): string {
  const { generator } = report;
  if (generator === null || !generator.limited) return '';
  const reasons = generator.reasons.map(printable).join('; ');
  return `generator: ${paint('yellow', 'limited')}, the figures are no measure of the server${reasons === '' ? '' : `: ${reasons}`}`;
}

function proberLine({ availability }: Report, paint: Paint): string {
  if (availability === null || !availability.prober.limited) return '';
  return `probes: ${paint('yellow', 'limited')}: ${availability.prober.reasons.map(printable).join('; ')}`;
}

function opName(op: string): string {
  return op === ALL ? 'all ops' : printable(op);
}
