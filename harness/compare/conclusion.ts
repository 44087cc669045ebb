import type { Comparison, ComparisonFinding } from '../history/comparison-schema.ts';

/** What a comparison comes to, in a few sentences: the first measure is the headline, and then what else differs. */
export function conclusionOf({
  arms,
  measures,
  rounds,
  findings,
  ended,
}: Pick<Comparison, 'arms' | 'measures' | 'rounds' | 'findings' | 'ended'>): string {
  const wrong = rounds.find(({ exitCode }) => exitCode === 100);
  if (wrong !== undefined) {
    return `Round ${wrong.number} (${arms[wrong.arm]?.name}) is not valid, and nothing else matters: ${wrong.excluded}`;
  }
  if (ended === 'failed') {
    const last = rounds.at(-1);
    return `${arms[last?.arm ?? 0]?.name} came to nothing in several rounds: ${last?.excluded}`;
  }
  if (findings.length === 0) return 'It ended before there were enough rounds to say anything.';
  const label = (name: string): string => measures.find((measure) => measure.name === name)?.label ?? name;
  return arms
    .flatMap(({ name }, arm) => {
      if (arm === 0) return [];
      const own = findings.filter((finding) => finding.arm === arm);
      return [`${name} against ${arms[0]?.name}: ${inWords(own, label)}.`];
    })
    .join(' ');
}

function inWords(findings: readonly ComparisonFinding[], label: (name: string) => string): string {
  const parts = (['better', 'worse', 'equal', 'undecided'] as const).flatMap((verdict) => {
    const some = findings.filter((finding) => finding.verdict === verdict);
    if (some.length === 0) return [];
    const named = some.map((finding) => {
      const factor = verdict === 'better' || verdict === 'worse' ? finding.ratio : null;
      const times = factor === null ? '' : ` (× ${Number(factor.value.toPrecision(2))})`;
      return `${label(finding.measure).toLowerCase()}${times}`;
    });
    return [`${verdict} in ${named.join(', ')}`];
  });
  return parts.join('; ');
}
