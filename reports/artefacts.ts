import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Artefact } from '../harness/history/report-schema.ts';

/** By path, the first that matches; what matches none is listed without a description. */
const DESCRIPTIONS: readonly (readonly [RegExp, string])[] = [
  [/^run\.json$/, 'What was run, on what, with which seed'],
  [/^report\.json$/, 'This report as data'],
  [/^report\.md$/, 'This report as a summary in Markdown'],
  [/^trees\.json$/, 'What the servers hold in the end, compared'],
  [/^probes\.bin$/, 'Every probe of availability, and what servers said they were'],
  [/^latency\.hlog$/, 'Latency by interval, HdrHistogram log'],
  [/^history\/.*\.history$/, 'Every op of one generator process'],
  [/^servers\/[^/]+\/zoo\.cfg$/, 'Configuration of a server'],
  [/^servers\/[^/]+\/.*\.log$/, 'What a server said'],
  [/^servers\/[^/]+\/data$/, 'Data directory of a server, all files together'],
];

/** Written only after the list was made. */
const REPORT_FILES: readonly string[] = ['report.json', 'report.md'];
const NOT_LISTED: readonly string[] = [...REPORT_FILES, 'report.html'];

/** A run leaves tens of files; a directory that holds more than this is not one, or is listed in part. */
const FILES_MAX = 500;

/**
 * The files of a run directory for its report, in order of their paths. A server's data directory is one
 * entry. Links are not followed; what vanishes while we look is left out.
 */
export async function artefactsOf(directory: string): Promise<Artefact[]> {
  const found = new Map<string, number | null>(REPORT_FILES.map((path) => [path, null]));
  for (const { path, bytes } of await filesUnder(directory, '')) {
    if (NOT_LISTED.includes(path) || path.endsWith('.draft')) continue;
    const shown = /^servers\/[^/]+\/data(?=\/)/.exec(path)?.[0] ?? path;
    found.set(shown, (found.get(shown) ?? 0) + bytes);
  }
  return [...found]
    .map(([path, bytes]) => ({ path, bytes, description: descriptionOf(path) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .slice(0, FILES_MAX);
}

type FoundFile = { readonly path: string; readonly bytes: number };

async function filesUnder(root: string, prefix: string): Promise<FoundFile[]> {
  const files: FoundFile[] = [];
  const entries = await readdir(join(root, prefix), { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) files.push(...(await filesUnder(root, path)));
    if (!entry.isFile()) continue;
    const status = await lstat(join(root, path)).catch(() => null);
    if (status !== null) files.push({ path, bytes: status.size });
  }
  return files;
}

function descriptionOf(path: string): string | null {
  return DESCRIPTIONS.find(([pattern]) => pattern.test(path))?.[1] ?? null;
}
