import type { Night, NightPart, NightRun } from '../history/night-schema.ts';

/**
 * What a night has come to, in one sentence: first that it could not have found anything, then what it has found.
 * `exitCode`: the gravest of its parts', and of its trend's.
 */
export function verdictSentence({
  parts,
  trend,
  mutant,
  isValid,
  exitCode,
}: Pick<Night, 'parts' | 'trend' | 'mutant'> & {
  readonly isValid: boolean;
  readonly exitCode: number;
}): string {
  const caught = failuresIn(parts);
  const [first] = caught;
  const sentences: string[] = [];
  if (!isValid) sentences.push('A planted bug was not caught: that nothing else was found means nothing.');
  if (mutant !== null) {
    const by = caught.find(({ part }) => part === 'chaos')?.run;
    sentences.push(
      by === undefined
        ? `${mutant.id} (${mutant.what}) was planted, and no run has caught it.`
        : `${mutant.id} (${mutant.what}) was planted, and ${by.name} has caught it: ${oneLine(by)}`,
    );
  } else if (first !== undefined) {
    const others = caught.length === 1 ? '' : `, and ${caught.length - 1} more`;
    sentences.push(`${first.run.name} failed${others}: ${oneLine(first.run)}`);
  }
  sentences.push(...trend.filter(({ verdict }) => verdict === 'worse').map(({ sentence }) => sentence));
  if (parts.some(({ outcome }) => outcome === 'interrupted')) sentences.push('It was interrupted.');
  const failed = parts.filter(({ outcome }) => outcome === 'failed');
  if (sentences.length === 0 && exitCode !== 0) {
    sentences.push(`${failed.map(({ title, sentence }) => `${title}: ${sentence}`).join('; ')}.`);
  }
  return sentences.length === 0 ? 'Nothing was found, and nothing got worse.' : sentences.join(' ');
}

/** The runs that failed, with the names of their parts. */
export function failuresIn(parts: readonly NightPart[]): { readonly part: string; readonly run: NightRun }[] {
  return parts.flatMap(({ name: part, runs }) =>
    runs.flatMap((run) => (run.outcome === 'failed' ? [{ part, run }] : [])),
  );
}

function oneLine({ why }: NightRun): string {
  return (why ?? '').split('\n').at(-1) ?? '';
}
