import type { Report } from '../harness/history/report-schema.ts';
import { explanationInFull } from '../harness/history/anomaly-words.ts';
import { runBadge, runSentence } from './badge.ts';
import type { Tone } from './badge.ts';
import { formatCount, formatDuration, formatRate, formatUsAsMs, NONE } from './format.ts';
import { totalsByOp } from './latency.ts';
import { anomalyCount, opsCheckedInWords } from './sections/verification.ts';
import { runSubject } from './subject.ts';
import { ALL } from '../harness/history/report-schema.ts';
import { shownFaults } from './availability-rows.ts';
import { RECOVERY_COLUMNS, recoveryDoubt, recoveryFacts, ensembleRows } from './recovery-table.ts';
import { SPREAD_COLUMNS, summaryRows, summaryTitle } from './recovery-summary.ts';
import { shownRecoveries } from './shown-recoveries.ts';
import { availabilityStrip } from './text-strip.ts';
import { baselineInWords, measuredInWords } from './threshold-figures.ts';

export const SIGNS: Readonly<Record<Tone, string>> = { good: '✅', bad: '❌', warn: '⚠️', plain: 'ℹ️' };

/** Enough to see what is wrong; the rest is in report.html. A step summary may not grow without bound. */
const ANOMALIES_MAX = 5;
const ROWS_MAX = 20;

/** `report.md`: what a pull request or a step summary shows, in GitHub's Markdown. */
export function renderMarkdown(report: Report): string {
  const badge = runBadge(report);
  const blocks = [
    `## ${SIGNS[badge.tone]} ${plainText(report.workload?.name ?? report.identity.runId)}: ${badge.label}`,
    plainText(runSentence(report)),
    plainText(runSubject(report)),
    generatorBlock(report),
    thresholdBlock(report),
    latencyBlock(report),
    recoveryBlock(report),
    availabilityBlock(report),
    verificationBlock(report),
    footer(report),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

/** Text that stays text: no markup of Markdown or HTML, no cell border, no mention, no line of its own. */
export function plainText(value: string): string {
  return value
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_[\]<>#|~@&]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function generatorBlock(report: Report): string {
  const { generator } = report;
  if (generator === null || !generator.limited) return '';
  const reasons = generator.reasons.map((reason) => plainText(reason)).join('; ');
  return `> ⚠️ **The load generator was the limit**; the figures are no measure of the server. ${reasons}`;
}

function thresholdBlock(report: Report): string {
  const thresholds = report.verdict?.thresholds ?? [];
  const baseline = baselineInWords(report);
  const rows = tableBlock(
    ['Threshold', 'Measured', 'Held'],
    thresholds.map((threshold) => [
      plainText(threshold.expression),
      plainText(measuredInWords(threshold)),
      threshold.passed === true ? '✅' : '❌',
    ]),
  );
  return [rows, baseline === null ? '' : `Held against ${plainText(baseline)}.`]
    .filter((block) => block !== '')
    .join('\n\n');
}

function latencyBlock(report: Report): string {
  return tableBlock(
    ['Response time, ms', 'ops/s', 'Errors', 'p50', 'p99', 'p99.9', 'Max'],
    totalsByOp(report).map((totals) => [
      totals.op === ALL ? '**all ops**' : plainText(totals.op),
      formatRate(totals.opsPerSecond),
      formatCount(totals.failed + totals.unknown),
      formatUsAsMs(totals.responseTime?.p50Us ?? null),
      formatUsAsMs(totals.responseTime?.p99Us ?? null),
      formatUsAsMs(totals.responseTime?.p999Us ?? null),
      formatUsAsMs(totals.responseTime?.maxUs ?? null),
    ]),
  );
}

function recoveryBlock(report: Report): string {
  const { summary, shown } = shownRecoveries(report.recoveries);
  const rows = tableBlock(
    ['Fault', 'New leader', 'First write', 'Steady', 'Longest write gap'],
    shown.map((recovery) => {
      const since = (atMs: number | null): string =>
        atMs === null || recovery.killedAtMs === null
          ? NONE
          : `+ ${formatDuration(Math.max(0, atMs - recovery.killedAtMs))}`;
      return [
        plainText(recovery.fault),
        since(recovery.electedAtMs),
        since(recovery.firstSuccessAtMs),
        since(recovery.steadyAtMs),
        formatDuration(recovery.writeGapMs),
      ];
    }),
  );
  const summaries = report.recoverySummaries.map((each) =>
    tableBlock([plainText(summaryTitle(each)), ...SPREAD_COLUMNS], summaryRows(each)),
  );
  return [...summaries, summary ?? '', rows].filter((block) => block !== '').join('\n\n');
}

function availabilityBlock(report: Report): string {
  const { availability } = report;
  const strip = availabilityStrip(report).map(fenced);
  if (availability === null || strip.length === 0) return '';
  const tables = shownFaults(report).flatMap((fault) => [
    `**${plainText(fault.fault)}**: ${recoveryFacts(fault)
      .map(([name, value]) => `${name.toLowerCase()} ${plainText(value)}`)
      .join(', ')}${recoveryDoubt(fault) === null ? '' : ` ⚠️ ${recoveryDoubt(fault)}`}`,
    tableBlock(
      ['Probes', ...RECOVERY_COLUMNS],
      ensembleRows(fault).map(([name = '', ...cells]) => [plainText(name), ...cells]),
    ),
  ]);
  const doubt = availability.prober.limited
    ? `> ⚠️ **The prober was the limit**: ${availability.prober.reasons.map(plainText).join('; ')}`
    : '';
  return [
    '**Availability** by probes apart from the load',
    doubt,
    `\`\`\`text\n${strip.join('\n')}\n\`\`\``,
    ...tables,
  ]
    .filter((block) => block !== '')
    .join('\n\n');
}

function verificationBlock(report: Report): string {
  const { verification } = report;
  if (verification === null) return '**History:** not verified';
  const checkers = verification.checkers.map((checker) => [
    plainText(checker.name),
    checker.verdict,
    plainText(opsCheckedInWords(checker)),
    formatCount(anomalyCount(checker)),
  ]);
  const anomalies = verification.checkers
    .flatMap(({ anomalies }) => anomalies)
    .map((anomaly) => {
      const why = anomaly.why === undefined ? '' : `. That cannot be: ${plainText(anomaly.why)}`;
      return `- **${plainText(anomaly.name)}**: ${plainText(explanationInFull(anomaly))}${why}`;
    });
  return [
    `**History:** ${verification.verdict}`,
    tableBlock(['Checker', 'Verdict', 'Ops checked', 'Anomalies'], checkers),
    anomalies.slice(0, ANOMALIES_MAX).join('\n'),
  ]
    .filter((block) => block !== '')
    .join('\n\n');
}

function footer(report: Report): string {
  const { identity, environment } = report;
  const git = environment?.git ?? null;
  const facts = [
    `Run \`${codeLine(identity.runId)}\``,
    identity.seed === null ? '' : `seed ${identity.seed}`,
    environment === null ? '' : plainText(`${environment.cpu.model} × ${environment.cpu.logical}`),
    environment === null ? '' : plainText(`Node ${environment.node}`),
    git === null ? '' : `commit ${plainText(git.revision.slice(0, 12))}${git.isDirty ? ' with changes' : ''}`,
  ].filter((fact) => fact !== '');
  return `\`${codeLine(identity.command)}\`\n\n<sub>${facts.join(' · ')} · everything else is in report.html</sub>`;
}

/** A line between fences: its spaces are its own. */
function fenced(line: string): string {
  return line.replace(/[^\S ]/g, ' ').replaceAll('`', "'");
}

/** Between backticks nothing is an escape, so a backtick itself has to go. */
export function codeLine(value: string): string {
  return value.replace(/\s+/g, ' ').replaceAll('`', "'");
}

export function tableBlock(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const rule = head.map((_, index) => (index === 0 ? ':--' : '--:'));
  const left = rows.length - ROWS_MAX;
  return [head, rule, ...rows.slice(0, ROWS_MAX)]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
    .concat(left > 0 ? `\n\n… and ${formatCount(left)} more` : '');
}
