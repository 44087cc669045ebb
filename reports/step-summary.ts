import { appendFile, readFile, stat } from 'node:fs/promises';

/** GitHub refuses a step whose summary is longer, and then shows nothing at all. */
export const STEP_SUMMARY_BYTES_MAX = 1024 * 1024;

/** The whole lines at the beginning of a summary that GitHub takes, if it is the only one of its step. */
export function cutToStepSummary(markdown: string): string {
  const bytes = Buffer.from(markdown);
  const more = '\n… and more than a summary may hold.\n';
  const room = STEP_SUMMARY_BYTES_MAX - 1 - Buffer.byteLength(more);
  if (bytes.length < STEP_SUMMARY_BYTES_MAX) return markdown;
  return bytes.subarray(0, bytes.lastIndexOf('\n', room) + 1).toString('utf8') + more;
}

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
