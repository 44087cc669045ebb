import { readFile, rename, writeFile } from 'node:fs/promises';
import { formatReport, parseReport, ReportError } from '../harness/history/report-parse.ts';
import { REPORT_SCHEMA } from '../harness/history/report-schema.ts';
import type { Report, ReportInput } from '../harness/history/report-schema.ts';
import { readRunFile, runDirectoryAt } from '../harness/history/run-directory.ts';
import type { RunDirectory } from '../harness/history/run-directory.ts';
import type { RunFile } from '../harness/history/run-file.ts';
import { artefactsOf } from './artefacts.ts';
import { renderMarkdown } from './markdown.ts';
import { renderPage } from './page.ts';

export type RenderedRun = {
  readonly report: Report;
  readonly htmlPath: string;
  readonly markdownPath: string;
};

/**
 * Draws a stored run: report.json in, report.html and report.md beside it. A run that was killed before it
 * could write report.json is drawn from its run.json, as far as that goes.
 *
 * @throws ReportError if report.json is broken, foreign or newer; RunDirectoryError if there is neither it
 * nor a run.json; what `fs` throws if the directory cannot be written.
 */
export async function renderRun(directory: string): Promise<RenderedRun> {
  const run = runDirectoryAt(directory);
  return await draw(run, (await readReport(run)) ?? reportOfRunFile(run, readRunFile(run)));
}

/**
 * Writes report.json, and draws it; a report that names no files gets those of the directory.
 *
 * @throws ZodError for a report the schema refuses: a bug of the caller.
 */
export async function writeReport(directory: string, input: ReportInput): Promise<RenderedRun> {
  const run = runDirectoryAt(directory);
  const artefacts = input.artefacts ?? (await artefactsOf(run.path));
  const text = formatReport({ ...input, artefacts });
  await replaceFile(run.reportJson, text);
  return await draw(run, parseReport(text));
}

async function draw(run: RunDirectory, report: Report): Promise<RenderedRun> {
  await replaceFile(run.reportHtml, renderPage(report));
  await replaceFile(run.reportMarkdown, renderMarkdown(report));
  return { report, htmlPath: run.reportHtml, markdownPath: run.reportMarkdown };
}

/** Null: the run left none. */
async function readReport(run: RunDirectory): Promise<Report | null> {
  let text: string;
  try {
    text = await readFile(run.reportJson, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  try {
    return parseReport(text);
  } catch (error) {
    if (!(error instanceof ReportError)) throw error;
    throw new ReportError(error.code, `${run.reportJson}: ${error.message}`, { cause: error });
  }
}

function reportOfRunFile(run: RunDirectory, file: RunFile): Report {
  const input: ReportInput = {
    schema: REPORT_SCHEMA,
    identity: {
      runId: run.id,
      toolVersion: file.toolVersion,
      command: file.command.join(' '),
      seed: file.seed,
      startedAt: file.started.wall,
      durationMs: file.finished === undefined ? null : file.finished.elapsedNs / 1e6,
      status: file.finished === undefined ? 'running' : 'interrupted',
    },
    environment: file.environment,
    workload: { name: file.workload },
  };
  return parseReport(formatReport(input));
}

/** A reader sees the old file or the new one, never half of one. */
async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.draft`;
  await writeFile(draft, text);
  await rename(draft, path);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
