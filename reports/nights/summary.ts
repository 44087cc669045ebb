import type { Night } from '../../harness/history/night-schema.ts';
import { formatDuration, formatFigure, NONE } from '../format.ts';
import { codeLine, plainText, SIGNS, tableBlock } from '../markdown.ts';
import { cutToStepSummary } from '../step-summary.ts';
import { nightBadge, partBadge, trendBadge } from './night-badge.ts';

/** `summary.md` of a night, in GitHub's Markdown and of a length that it takes. */
export function renderSummary(night: Night): string {
  const { verdict, parts, trend, startedAt, command, seed, id } = night;
  const badge = nightBadge(night);
  const failed = parts.flatMap(({ runs }) => runs).filter(({ outcome }) => outcome !== 'passed');
  const blocks = [
    `## ${SIGNS[badge.tone]} Night of ${plainText(startedAt.slice(0, 10))}: ${badge.label}`,
    plainText(verdict.sentence),
    tableBlock(
      ['Part', 'Verdict', 'Runs', 'Took', 'Came to'],
      parts.map((part) => [
        plainText(part.title),
        `${SIGNS[partBadge(part).tone]} ${partBadge(part).label}`,
        String(part.runs.length),
        formatDuration(part.durationMs),
        plainText(part.sentence),
      ]),
    ),
    tableBlock(
      ['Measure', 'Verdict', 'Tonight', 'Usual', 'Ratio', 'Nights'],
      trend.map((finding) => [
        plainText(`${finding.label}, ${finding.unit}`),
        `${SIGNS[trendBadge(finding).tone]} ${finding.verdict}`,
        formatFigure(finding.value),
        formatFigure(finding.baseline),
        finding.ratio === null ? NONE : `× ${finding.ratio.toFixed(2)}`,
        String(finding.nights),
      ]),
    ),
    `\`${codeLine(command)}\`\n\n<sub>Night \`${codeLine(id)}\` · seed ${seed} · index.html has the nights before</sub>`,
    ...failed.map(({ name, outcome, why, again }) =>
      [
        `### ${plainText(name)}: ${outcome}`,
        ...(why === null ? [] : [plainText(why)]),
        ...(again === null ? [] : [`\`${codeLine(again)}\``]),
      ].join('\n\n'),
    ),
  ];
  return cutToStepSummary(`${blocks.filter((block) => block !== '').join('\n\n')}\n`);
}
