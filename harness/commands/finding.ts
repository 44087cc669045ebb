import { explanationInFull } from '../history/anomaly-words.ts';
import type { Report } from '../history/report-schema.ts';
import type { Anomaly } from '../history/verification.ts';

/** Something that no right ensemble can have done. */
export interface Finding {
  readonly checker: string;
  readonly anomaly: Anomaly;
}

/** What makes a history invalid, and nothing that is only unknown. */
export function findingsIn({ verification }: Pick<Report, 'verification'>): Finding[] {
  const checkers = verification?.checkers ?? [];
  return checkers.flatMap(({ name: checker, anomalies }) =>
    anomalies.flatMap((anomaly) => (anomaly.verdict === 'invalid' ? [{ checker, anomaly }] : [])),
  );
}

/** The first of those that are of a kind with one that is sought: of the same checker, by the same name. */
export function firstOfKind(findings: readonly Finding[], sought: readonly Finding[]): Finding | null {
  const isSought = ({ checker, anomaly }: Finding): boolean =>
    sought.some((other) => other.checker === checker && other.anomaly.name === anomaly.name);
  return findings.find(isSought) ?? null;
}

/** `register: lost update: C3: …` */
export function describeFinding({ checker, anomaly }: Finding): string {
  return `${checker}: ${anomaly.name}: ${explanationInFull(anomaly)}`;
}

/** When the first of them had been seen, in ms on the run's clock; null where no operation shows it. */
export function seenAtMs(findings: readonly Finding[]): number | null {
  const moments = findings.flatMap(({ anomaly: { ops } }) =>
    ops.length === 0 ? [] : [Math.max(...ops.map(({ completeMs }) => completeMs))],
  );
  return moments.length === 0 ? null : Math.min(...moments);
}
