import type { Artefact, Report } from '../../harness/history/report-schema.ts';
import { formatBytes } from '../format.ts';
import { html } from '../html.ts';
import type { HtmlValue } from '../html.ts';
import { figures, table, words } from '../table.ts';
import type { Section } from './section.ts';

/** The files of the run directory, linked: the report lies among them. */
export function artefactsSection(report: Report): Section | null {
  if (report.artefacts.length === 0) return null;
  return {
    id: 'files',
    title: 'Files',
    body: table({
      caption: 'In the run directory',
      hasHiddenCaption: true,
      columns: [words('File'), figures('Size'), words('What it is')],
      rows: report.artefacts.map((artefact) => [
        fileLink(artefact),
        formatBytes(artefact.bytes),
        artefact.description ?? '',
      ]),
    }),
  };
}

/** Segment by segment, so that no path is read as a scheme, a query or a way out of the directory. */
function fileLink({ path }: Artefact): HtmlValue {
  const segments = path.split('/');
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) return path;
  return html`<a href="./${segments.map(encodeURIComponent).join('/')}">${path}</a>`;
}
