import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Knee, kneeSchema, type Sweep, sweepSchema } from '../../harness/history/saturation-schema.ts';
import { renderKneeMarkdown, renderKneePage } from './knee-report.ts';
import { renderSweepMarkdown, renderSweepPage } from './sweep-report.ts';

/** Writes knee.json, and draws it as knee.html and knee.md. Returns the path of the page. */
export function writeKnee(directory: string, input: Knee): string {
  const knee = kneeSchema.parse(input);
  return write(directory, 'knee', {
    json: knee,
    html: renderKneePage(knee),
    markdown: renderKneeMarkdown(knee),
  });
}

/** Writes sweep.json, and draws it as sweep.html and sweep.md. Returns the path of the page. */
export function writeSweep(directory: string, input: Sweep): string {
  const sweep = sweepSchema.parse(input);
  return write(directory, 'sweep', {
    json: sweep,
    html: renderSweepPage(sweep),
    markdown: renderSweepMarkdown(sweep),
  });
}

function write(
  directory: string,
  name: string,
  { json, html, markdown }: { readonly json: unknown; readonly html: string; readonly markdown: string },
): string {
  const page = join(directory, `${name}.html`);
  replaceFile(join(directory, `${name}.json`), `${JSON.stringify(json, null, 2)}\n`);
  replaceFile(page, html);
  replaceFile(join(directory, `${name}.md`), markdown);
  return page;
}

/** A reader sees the old file or the new one, never half of one. */
function replaceFile(path: string, text: string): void {
  const draft = `${path}.draft`;
  writeFileSync(draft, text);
  renameSync(draft, path);
}
