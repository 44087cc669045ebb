import { appendFile, readFile, stat } from 'node:fs/promises';

/** GitHub refuses a step whose summary is longer, and then shows nothing at all. */
const STEP_SUMMARY_BYTES_MAX = 1024 * 1024;

/**
 * Appends a report.md to the summary of the GitHub step that is running, if there is one and it still fits.
 * True: it was appended. A summary that cannot be written never fails a run.
 */
export async function appendStepSummary(
  markdownPath: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  const path = env['GITHUB_STEP_SUMMARY'];
  if (path === undefined || path === '') return false;
  try {
    const text = await readFile(markdownPath, 'utf8');
    const before = await stat(path).then(
      ({ size }) => size,
      () => 0,
    );
    if (before + Buffer.byteLength(text) + 1 > STEP_SUMMARY_BYTES_MAX) return false;
    await appendFile(path, `${text}\n`);
    return true;
  } catch {
    return false;
  }
}
