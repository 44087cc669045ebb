import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Report } from '../harness/history/report-schema.ts';
import { chartData } from './chart-data.ts';
import { runBadge } from './badge.ts';
import { renderDocument } from './document.ts';
import { html, jsonForScript } from './html.ts';
import { artefactsSection } from './sections/artefacts.ts';
import { availabilitySection } from './sections/availability.ts';
import { generatorSection } from './sections/generator.ts';
import { header } from './sections/header.ts';
import { httpSection } from './sections/http.ts';
import { operationsSection } from './sections/operations.ts';
import { recoverySection } from './sections/recovery.ts';
import { renderSection } from './sections/section.ts';
import type { Section } from './sections/section.ts';
import { setupSection } from './sections/setup.ts';
import { thresholdsSection } from './sections/thresholds.ts';
import { timelineSection } from './sections/timeline.ts';
import { verificationSection } from './sections/verification.ts';
import { STYLE } from './style.ts';

/** `report.html`: see `renderDocument`. */
export function renderPage(report: Report): string {
  const charts = chartData(report);
  const sections = [
    thresholdsSection(report),
    timelineSection(report, charts),
    operationsSection(report, charts),
    httpSection(report),
    recoverySection(report),
    availabilitySection(report),
    verificationSection(report),
    generatorSection(report),
    setupSection(report),
    artefactsSection(report),
  ].filter((section): section is Section => section !== null);
  const assets = loadAssets();
  return renderDocument({
    title: `${report.workload?.name ?? report.identity.runId}: ${runBadge(report).label} · Stampede`,
    style: assets.style,
    scripts: [{ text: assets.plotScript }, { text: assets.pageScript, isModule: true }],
    data: { id: 'chart-data', json: jsonForScript(charts) },
    body: html`${header(report)}
      <nav aria-label="Sections">
        ${sections.map(({ id, title }) => html`<a href="#${id}">${title}</a> `)}
      </nav>
      <main>${sections.map(renderSection)}</main>
      <footer>Run ${report.identity.runId}, ${report.schema}. Charts by uPlot.</footer>`,
  });
}

type Assets = { readonly style: string; readonly plotScript: string; readonly pageScript: string };

let loadedAssets: Assets | null = null;

/** uPlot as it is published, with the licence that has to go with it, and our own script as it was compiled. */
function loadAssets(): Assets {
  if (loadedAssets !== null) return loadedAssets;
  const plotDirectory = dirname(createRequire(import.meta.url).resolve('uplot'));
  const licence = readFileSync(join(plotDirectory, '..', 'LICENSE'), 'utf8');
  const pageScript = readFileSync(new URL('./browser/charts.js', import.meta.url), 'utf8');
  loadedAssets = {
    style: readFileSync(join(plotDirectory, 'uPlot.min.css'), 'utf8') + STYLE,
    plotScript: `/*\n${licence}*/\n${readFileSync(join(plotDirectory, 'uPlot.iife.min.js'), 'utf8')}`,
    // A source map would be a request, and there is none beside the report.
    pageScript: pageScript.replace(/^\/\/# sourceMappingURL=.*$/m, ''),
  };
  return loadedAssets;
}
