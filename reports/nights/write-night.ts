import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Night } from '../../harness/history/night-schema.ts';
import { appendStepSummary } from '../step-summary.ts';
import { renderIndexPage } from './index-page.ts';
import { renderJunit } from './junit.ts';
import { renderSummary } from './summary.ts';

/**
 * Writes `summary.md`, `junit.xml` and `index.html` into the directory of the last of these nights; the summary also to
 * that of the GitHub step that is running, if there is one.
 */
export async function writeNightReports(
  directory: string,
  nights: readonly Night[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const night = nights.at(-1);
  if (night === undefined) return;
  const summary = join(directory, 'summary.md');
  writeFileSync(summary, renderSummary(night));
  writeFileSync(join(directory, 'junit.xml'), renderJunit(night));
  writeFileSync(join(directory, 'index.html'), renderIndexPage(nights));
  await appendStepSummary(summary, env);
}
