import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Report } from '../harness/history/report-schema.ts';
import { chartData } from './chart-data.ts';
import { runBadge } from './badge.ts';
import { html, Html, jsonForScript } from './html.ts';
import { artefactsSection } from './sections/artefacts.ts';
import { availabilitySection } from './sections/availability.ts';
import { generatorSection } from './sections/generator.ts';
import { header } from './sections/header.ts';
import { operationsSection } from './sections/operations.ts';
import { recoverySection } from './sections/recovery.ts';
import { renderSection } from './sections/section.ts';
import type { Section } from './sections/section.ts';
import { setupSection } from './sections/setup.ts';
import { thresholdsSection } from './sections/thresholds.ts';
import { timelineSection } from './sections/timeline.ts';
import { verificationSection } from './sections/verification.ts';
import { STYLE } from './style.ts';

/**
 * `report.html`: one file that asks the network for nothing. Its policy allows the two scripts and the one
 * style sheet by their hashes and forbids everything else, so that even a string that slipped through the
 * escaping could not run, load or send anything.
 */
export function renderPage(report: Report): string {
  const charts = chartData(report);
  const sections = [
    thresholdsSection(report),
    timelineSection(report, charts),
    operationsSection(report, charts),
    recoverySection(report),
    availabilitySection(report),
    verificationSection(report),
    generatorSection(report),
    setupSection(report),
    artefactsSection(report),
  ].filter((section): section is Section => section !== null);
  const assets = loadAssets();
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy(assets)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>${report.workload?.name ?? report.identity.runId}: ${runBadge(report).label} · Stampede</title>
        <link rel="icon" href="data:," />
        ${verbatim('style', '', assets.style)}
      </head>
      <body>
        <div class="page">
          ${header(report)}
          <nav aria-label="Sections">
            ${sections.map(({ id, title }) => html`<a href="#${id}">${title}</a> `)}
          </nav>
          <main>${sections.map(renderSection)}</main>
          <footer>Run ${report.identity.runId}, ${report.schema}. Charts by uPlot.</footer>
        </div>
        ${verbatim('script', ' type="application/json" id="chart-data"', jsonForScript(charts))}
        ${verbatim('script', '', assets.plotScript)}
        ${verbatim('script', ' type="module"', assets.pageScript)}
      </body>
    </html> `.text;
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

/** Without a space added, or the hash in the policy would not be that of the content. */
function verbatim(name: 'style' | 'script', attributes: string, content: string): Html {
  return new Html(`<${name}${attributes}>${content}</${name}>`);
}

function policy(assets: Assets): string {
  return [
    "default-src 'none'",
    `script-src ${hashSource(assets.plotScript)} ${hashSource(assets.pageScript)}`,
    `style-src ${hashSource(assets.style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
