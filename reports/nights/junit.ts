import type { Night, NightPart, NightRun } from '../../harness/history/night-schema.ts';

/** `junit.xml` of a night: a suite for each part, a case for each run; what failed says how to play it again. */
export function renderJunit({ id, parts, durationMs, startedAt }: Night): string {
  const suites = parts.map((part) => suiteOf(part, startedAt));
  const name = escapeXml(id);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${name}" time="${seconds(durationMs)}" ${countsOf(parts)}>`,
    ...suites,
    '</testsuites>',
    '',
  ].join('\n');
}

function suiteOf(part: NightPart, startedAt: string): string {
  const { name, durationMs } = part;
  const cases = casesOf(part).map(({ name: run, durationMs, content }) => {
    const start = `    <testcase classname="${escapeXml(name)}" name="${escapeXml(run)}" time="${seconds(durationMs)}"`;
    return content === null ? `${start}/>` : `${start}>${content}</testcase>`;
  });
  const timestamp = escapeXml(startedAt.replace(/\.\d+Z$/, ''));
  return [
    `  <testsuite name="${escapeXml(name)}" time="${seconds(durationMs)}" timestamp="${timestamp}" ${countsOf([part])}>`,
    ...cases,
    '  </testsuite>',
  ].join('\n');
}

interface Case {
  readonly name: string;
  readonly durationMs: number;
  /** Null: it passed. */
  readonly content: string | null;
}

/** A part that failed or was left without any run to show for it is a case of its own. */
function casesOf({ title, outcome, sentence, exitCode, durationMs, runs }: NightPart): Case[] {
  const cases = runs.map((run) => ({ ...run, content: contentOf(run) }));
  const isShown = runs.some(({ outcome }) => outcome === 'failed');
  if (outcome === 'failed' && !isShown) {
    return [...cases, { name: title, durationMs, content: failure(`exit code ${exitCode}`, sentence) }];
  }
  if (outcome === 'skipped' || outcome === 'interrupted') {
    return [...cases, { name: title, durationMs, content: `<skipped message="${escapeXml(sentence)}"/>` }];
  }
  return cases.length > 0 ? cases : [{ name: title, durationMs, content: null }];
}

function contentOf({ outcome, why, again, directory, exitCode }: NightRun): string | null {
  if (outcome === 'passed') return null;
  const kept = directory === null ? null : `kept in ${directory}`;
  const lines = [why, again === null ? null : `again: ${again}`, kept].filter((line) => line !== null);
  if (outcome === 'noted') return `<system-out>${escapeXml(lines.join('\n'))}</system-out>`;
  return failure(`exit code ${exitCode}`, lines.join('\n'));
}

function failure(message: string, text: string): string {
  return `<failure message="${escapeXml(message)}">${escapeXml(text)}</failure>`;
}

function countsOf(parts: readonly NightPart[]): string {
  const contents = parts.flatMap(casesOf).map(({ content }) => content ?? '');
  const count = (tag: string): number => contents.filter((content) => content.startsWith(`<${tag}`)).length;
  return `tests="${contents.length}" failures="${count('failure')}" skipped="${count('skipped')}" errors="0"`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** For text and for quoted attributes. What XML 1.0 cannot hold at all, as an escape neither, becomes U+FFFD. */
export function escapeXml(text: string): string {
  return (
    text
      // oxlint-disable-next-line no-control-regex -- control characters are what this is about
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\uFFFD')
      .replace(/[&<>"'\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`)
  );
}
