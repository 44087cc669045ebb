import type { Comparison } from '../../harness/history/comparison-schema.ts';
import { boxTable } from '../box-table.ts';
import { paintWith, printable } from '../terminal-style.ts';
import type { Paint } from '../terminal-style.ts';
import {
  endBadge,
  FINDING_COLUMNS,
  findingCells,
  measureOf,
  pairName,
  roundsInWords,
  verdictBadge,
} from './figures.ts';

const PAINT_OF_TONE = { good: 'green', bad: 'red', warn: 'yellow', plain: 'bold' } as const;

/** The end of a comparison on a terminal; its last line says where the report is. */
export function renderComparisonTerminal(
  comparison: Comparison,
  { hasColour, htmlPath }: { readonly hasColour: boolean; readonly htmlPath: string },
): string {
  const paint = paintWith(hasColour);
  const badge = endBadge(comparison);
  const blocks = [
    ...comparison.arms.map((_, arm) => findingsTable(comparison, arm, paint)),
    comparison.findings
      .filter(({ verdict }) => verdict === 'undecided')
      .map(({ sentence }) => printable(sentence))
      .join('\n'),
    printable(roundsInWords(comparison)),
    `${paint(PAINT_OF_TONE[badge.tone], badge.label.toUpperCase())}  ${printable(comparison.conclusion)}`,
    `report: ${printable(htmlPath)}`,
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function findingsTable(comparison: Comparison, arm: number, paint: Paint): string {
  const findings = comparison.findings.filter((finding) => finding.arm === arm);
  const rows = findings.map((finding) => {
    const badge = verdictBadge(finding);
    return [
      paint('bold', measureOf(comparison, finding).label),
      paint(PAINT_OF_TONE[badge.tone], badge.label),
      ...findingCells(finding, measureOf(comparison, finding)),
    ];
  });
  return boxTable([printable(pairName(comparison, arm)), 'Verdict', ...FINDING_COLUMNS], rows, paint);
}
