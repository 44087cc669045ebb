import type { FaultRecovery, Report, SeriesCost } from '../harness/history/report-schema.ts';
import { className, rowsInOrder, targetName } from './availability-rows.ts';
import { formatDuration, NONE } from './format.ts';

/** The columns of the table behind the name of a row. */
export const RECOVERY_COLUMNS = ['Error', 'Success', 'Steady', 'Gap', 'Lost'] as const;

/** What they are, for where there is room. */
export const RECOVERY_COLUMNS_IN_WORDS =
  'First error, first success after it, steady again, longest time without a success, availability lost';

/** One row for each class at the ensemble. */
export function ensembleRows(fault: FaultRecovery): readonly (readonly string[])[] {
  return recoveryRows({ ...fault, series: fault.series.filter(({ serverId }) => serverId === null) });
}

/** One row for each class: at the ensemble, and of the servers at those where something failed. */
export function recoveryRows(fault: FaultRecovery): readonly (readonly string[])[] {
  const shown = fault.series.filter(
    ({ serverId, firstFailureAtMs }) => serverId === null || firstFailureAtMs !== null,
  );
  return rowsInOrder(shown).map((series) => [rowName(series), ...figuresOf(fault, series)]);
}

/** What is not of one class: when it was detected, who leads, when all servers were back, and how exact it is. */
export function recoveryFacts(fault: FaultRecovery): readonly (readonly [string, string])[] {
  const { detectedAtMs, detectedBy, electedAtMs, leaderId, steadyAtMs, rejoinedAtMs, healedAtMs } = fault;
  const by = detectedBy === 'role' ? ' (a change of roles)' : '';
  return [
    ['Detected', since(fault, detectedAtMs) + (detectedAtMs === null ? '' : by)],
    ['New leader', electedAtMs === null ? NONE : `${since(fault, electedAtMs)} (server ${leaderId})`],
    ['Steady', since(fault, steadyAtMs)],
    ['Healed', since(fault, healedAtMs)],
    ['All servers back', since(fault, rejoinedAtMs)],
    ['Resolution', formatDuration(fault.resolutionMs)],
    ['Prober late by at most', formatDuration(fault.lagMaxMs)],
  ];
}

/** Why the times are to be taken with care; null if they need not be. */
export function recoveryDoubt({ limited, lagMaxMs }: FaultRecovery): string | null {
  if (!limited) return null;
  return `the prober was late by ${formatDuration(lagMaxMs)} meanwhile: what is shorter than that may be its own doing`;
}

/** "as before" in words. */
export function steadyInWords({ recovery }: Report): string {
  if (recovery === null) return '';
  const { successShareMin, p99FactorMax, windowMs } = recovery.limits;
  return (
    `Steady: for ${formatDuration(windowMs)} at least ${Math.round(successShareMin * 100)} % of the success rate ` +
    `from before the first fault, and a p99 of at most ${p99FactorMax} times that.`
  );
}

function rowName({ probeClass, serverId }: SeriesCost): string {
  return serverId === null ? className(probeClass) : `${className(probeClass)}, ${targetName(serverId)}`;
}

function figuresOf(fault: FaultRecovery, series: SeriesCost): readonly string[] {
  const lost = series.lostAvailabilitySeconds;
  return [
    since(fault, series.firstFailureAtMs),
    since(fault, series.firstSuccessAtMs),
    since(fault, series.steadyAtMs),
    formatDuration(series.longestGapMs),
    formatDuration(lost === null ? null : lost * 1000),
  ];
}

function since({ activeAtMs }: FaultRecovery, atMs: number | null): string {
  return atMs === null ? NONE : `+ ${formatDuration(Math.max(0, atMs - activeAtMs))}`;
}
