import type { Series } from '../../harness/history/saturation-schema.ts';
import { exitCodeBadge } from '../badge.ts';
import { codeLine, plainText, SIGNS } from '../markdown.ts';
import { seriesSubject } from './series-page.ts';

/** Several runs in GitHub's Markdown: what they are of, the one sentence, `blocks`, and how to do it again. */
export function seriesMarkdown(series: Series, kind: string, blocks: readonly string[]): string {
  const { identity, workload, environment } = series;
  const { tone, label } = exitCodeBadge(series.exitCode);
  const all = [
    `## ${SIGNS[tone]} ${plainText(`${workload.name}: ${kind}`)}: ${label}`,
    plainText(series.sentence),
    plainText(seriesSubject(series)),
    ...blocks,
    `\`${codeLine(identity.command)}\``,
    `<sub>seed ${identity.seed} · ${plainText(`${environment.cpu.model} × ${environment.cpu.logical}`)} · ` +
      `Node ${plainText(environment.node)}</sub>`,
  ];
  return `${all.filter((block) => block !== '').join('\n\n')}\n`;
}
