import type { Comparison } from '../../harness/history/comparison-schema.ts';
import { codeLine, plainText, tableBlock } from '../markdown.ts';
import {
  endBadge,
  FINDING_COLUMNS,
  findingCells,
  measureOf,
  pairName,
  roundsInWords,
  verdictBadge,
} from './figures.ts';

/** `report.md` of a comparison, in GitHub's Markdown. */
export function renderComparisonMarkdown(comparison: Comparison): string {
  const { arms, findings, command, conclusion, id } = comparison;
  const tables = arms.map((_, arm) =>
    tableBlock(
      [plainText(pairName(comparison, arm)), 'Verdict', ...FINDING_COLUMNS],
      findings
        .filter((finding) => finding.arm === arm)
        .map((finding) => [
          plainText(measureOf(comparison, finding).label),
          verdictBadge(finding).label,
          ...findingCells(finding, measureOf(comparison, finding)).map(plainText),
        ]),
    ),
  );
  const blocks = [
    `## ${plainText(arms.map(({ name }) => name).join(' · '))}: ${endBadge(comparison).label}`,
    plainText(conclusion),
    ...tables,
    plainText(roundsInWords(comparison)),
    `\`${codeLine(command)}\`\n\n<sub>Comparison \`${codeLine(id)}\` · every round is in report.html</sub>`,
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}
