import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Comparison, comparisonSchema } from '../../harness/history/comparison-schema.ts';
import { renderComparisonMarkdown } from './markdown.ts';
import { renderComparisonPage } from './page.ts';

/** Writes `comparison.json`, `report.html` and `report.md` into the comparison's directory. */
export function writeComparison(directory: string, comparison: Comparison): { readonly htmlPath: string } {
  const htmlPath = join(directory, 'report.html');
  writeFileSync(
    join(directory, 'comparison.json'),
    `${JSON.stringify(comparisonSchema.parse(comparison))}\n`,
  );
  writeFileSync(htmlPath, renderComparisonPage(comparison));
  writeFileSync(join(directory, 'report.md'), renderComparisonMarkdown(comparison));
  return { htmlPath };
}
