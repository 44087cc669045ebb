import { lostAvailabilitySeconds } from './availability.ts';
import type { ProbeClass, ProbeLog, RoleObservation } from './probe-record.ts';
import { baselineOf, RECOVERY_LIMITS, steadyFrom } from './steady.ts';
import type { Baseline, RecoveryLimits } from './steady.ts';
import { firstAtOrAfter, seriesOf } from './series.ts';
import type { Series } from './series.ts';

/** One fault, as instants of the run's clock in ms. Which fault it was is nothing to this. */
export interface FaultWindow {
  /** When it had taken effect. */
  readonly activeMs: number;
  /** When it was taken back; null: never, or nobody knows. */
  readonly healedMs: number | null;
  /** What is seen from here on is not its doing: the next fault, or the end of the load. */
  readonly untilMs: number;
  /** When nothing was wrong: what "as before" means. */
  readonly baseline: { readonly fromMs: number; readonly toMs: number };
}

/** What one fault cost probes of one class at one target. Points of time in ms on the run's clock. */
export interface SeriesRecovery {
  readonly probeClass: ProbeClass;
  /** Null: the ensemble as a whole. */
  readonly serverId: number | null;
  /** How far apart the probes are: nothing is known more exactly. */
  readonly intervalMs: number;
  /** The first failure that was seen; null: none. */
  readonly firstFailureAtMs: number | null;
  /** The first success after that. */
  readonly firstSuccessAtMs: number | null;
  /** From here on it was as before; null: that was not seen, or there is nothing to compare with. */
  readonly steadyAtMs: number | null;
  /** The longest time without a success, in all of which or part of which the fault was active. */
  readonly longestGapMs: number | null;
  readonly lostAvailabilitySeconds: number | null;
}

/** What one fault cost. Points of time in ms on the run's clock; null: it was not seen. */
export interface RecoveryTimes {
  /** The first error that a client saw, or the first server that was not any more what it had been. */
  readonly detectedAtMs: number | null;
  readonly detectedBy: 'probe' | 'role' | null;
  /** When a server said that it leads that had not led before, or had not in between. */
  readonly electedAtMs: number | null;
  readonly leaderId: number | null;
  /** How long before that the same server had last said something else: by so much it may have led already. */
  readonly electedWithinMs: number | null;
  /** Reads, synced reads and writes of the ensemble are all as before. */
  readonly steadyAtMs: number | null;
  /** All servers that had failed serve reads, synced reads and writes again, each by itself. */
  readonly rejoinedAtMs: number | null;
  readonly series: readonly SeriesRecovery[];
  /** The shortest interval between probes and the longest pause between attempts to connect, together. */
  readonly resolutionMs: number;
  /** By how much a probe was sent late while it mattered: times may be wrong by so much more. */
  readonly lagMaxMs: number;
  /** The prober itself was later than its interval: the times are no measure of the servers. */
  readonly isLimited: boolean;
}

/** Those whose return the headline figures are about; the others are probed too seldom. */
const FREQUENT: ReadonlySet<ProbeClass> = new Set(['read', 'syncRead', 'write']);
/** Of the area of lost availability: that many probes to a bin. */
const PROBES_IN_BIN = 5;

/** What a fault cost, from probes and from what servers said they were. A function of its arguments alone. */
export function recoveryOf(
  log: ProbeLog,
  fault: FaultWindow,
  limits: RecoveryLimits = RECOVERY_LIMITS,
): RecoveryTimes {
  const all = seriesOf(log).map((series) => {
    const baseline = baselineOf(series, fault.baseline);
    return { series, baseline, recovery: seriesRecovery(series, { fault, baseline, limits }) };
  });
  const failures = present(all.map(({ recovery }) => recovery.firstFailureAtMs));
  const firstFailureMs = failures.length === 0 ? null : Math.min(...failures);
  const roleChangeMs = firstRoleChange(log.roles, fault);
  const headline = all.filter(({ series }) => series.serverId === null && FREQUENT.has(series.probeClass));
  const pinned = all.filter(({ series }) => series.serverId !== null && FREQUENT.has(series.probeClass));
  const steadyAtMs = latest(headline.map(({ recovery }) => recovery.steadyAtMs));
  const away = pinned.filter(({ recovery }) => recovery.firstFailureAtMs !== null);
  const rejoinedAtMs = latest(
    away.map(({ series, baseline, recovery }) => backFrom(series, { fault, baseline, limits, recovery })),
  );
  const intervalMs = Math.min(...all.map(({ series }) => series.intervalMs));
  const lagMaxMs = lagWithin(
    all.map(({ series }) => series),
    fault,
    steadyAtMs,
  );
  return {
    detectedAtMs: earliest(firstFailureMs, roleChangeMs),
    detectedBy: detectedBy(firstFailureMs, roleChangeMs),
    ...election(log.roles, fault),
    steadyAtMs,
    rejoinedAtMs,
    series: all.map(({ recovery }) => recovery),
    resolutionMs: intervalMs + log.dialPauseMs,
    lagMaxMs,
    isLimited: lagMaxMs > intervalMs,
  };
}

interface Judged {
  readonly fault: FaultWindow;
  readonly baseline: Baseline | null;
  readonly limits: RecoveryLimits;
}

function seriesRecovery(series: Series, { fault, baseline, limits }: Judged): SeriesRecovery {
  const { probeClass, serverId, intervalMs, successesMs } = series;
  const firstFailureAtMs = firstFailure(series, fault);
  const after =
    firstFailureAtMs === null ? undefined : successesMs[firstAtOrAfter(successesMs, firstFailureAtMs)];
  const window = { fromMs: fault.activeMs, toMs: fault.untilMs };
  return {
    probeClass,
    serverId,
    intervalMs,
    firstFailureAtMs,
    firstSuccessAtMs: after ?? null,
    steadyAtMs: baseline === null ? null : steadyFrom(series, { ...window, baseline, limits }),
    longestGapMs: longestGap(series, fault),
    lostAvailabilitySeconds: lostAvailabilitySeconds(series, {
      ...window,
      binMs: PROBES_IN_BIN * intervalMs,
    }),
  };
}

/** Of what ended after the fault: what was on its way when it struck is the first to fail. */
function firstFailure({ intendedMs, completedMs, isOk }: Series, fault: FaultWindow): number | null {
  let first = Infinity;
  for (let i = 0; i < intendedMs.length && (intendedMs[i] as number) < fault.untilMs; i++) {
    const atMs = completedMs[i] as number;
    if (isOk[i] === 0 && atMs >= fault.activeMs) first = Math.min(first, atMs);
  }
  return first < fault.untilMs ? first : null;
}

/** A gap that nothing ended counts as far as the series goes, and one that goes on into the next fault until that. */
function longestGap({ successesMs, intendedMs }: Series, { activeMs, untilMs }: FaultWindow): number | null {
  const endMs = intendedMs.at(-1);
  if (endMs === undefined) return null;
  let longest = 0;
  for (let i = firstAtOrAfter(successesMs, activeMs); ; i++) {
    const fromMs = successesMs[i - 1] ?? intendedMs[0] ?? 0;
    if (fromMs >= untilMs || i > successesMs.length) break;
    longest = Math.max(longest, Math.min(successesMs[i] ?? endMs, untilMs) - fromMs);
  }
  return longest;
}

/** From which success on it did not fail again, latency aside. */
function backFrom(
  series: Series,
  { fault, baseline, limits, recovery }: Judged & { readonly recovery: SeriesRecovery },
): number | null {
  const fromMs = recovery.firstFailureAtMs;
  if (baseline === null || fromMs === null) return null;
  const patient = { ...limits, p99FactorMax: Infinity };
  const intendedMs = steadyFrom(series, { fromMs, toMs: fault.untilMs, baseline, limits: patient });
  if (intendedMs === null) return null;
  return series.completedMs[firstAtOrAfter(series.intendedMs, intendedMs)] ?? null;
}

/** The first answer that differs from what the same server said last before the fault. */
function firstRoleChange(roles: readonly RoleObservation[], fault: FaultWindow): number | null {
  const before = rolesBefore(roles, fault.activeMs);
  const changes = roles.flatMap(({ serverId, askedNs, answeredNs, role }) => {
    const known = before.get(serverId);
    const isIn = answeredNs / 1e6 >= fault.activeMs && askedNs / 1e6 < fault.untilMs;
    return isIn && known !== undefined && known !== role ? [answeredNs / 1e6] : [];
  });
  return changes.length === 0 ? null : Math.min(...changes);
}

/**
 * Who leads after the fault. The one that led before counts only if it was seen not to in between: a leader that is
 * paused still says that it leads when it goes on, for a moment.
 */
function election(
  roles: readonly RoleObservation[],
  fault: FaultWindow,
): Pick<RecoveryTimes, 'electedAtMs' | 'leaderId' | 'electedWithinMs'> {
  const before = rolesBefore(roles, fault.activeMs);
  const leaders = new Set([...before].flatMap(([id, role]) => (role === 'leader' ? [id] : [])));
  const lastAskedMs = new Map<number, number>();
  for (const { serverId, askedNs, answeredNs, role } of inOrder(roles)) {
    const askedMs = askedNs / 1e6;
    if (askedMs >= fault.activeMs && askedMs < fault.untilMs) {
      if (role !== 'leader') leaders.delete(serverId);
      else if (!leaders.has(serverId)) {
        const electedAtMs = answeredNs / 1e6;
        const electedWithinMs = electedAtMs - (lastAskedMs.get(serverId) ?? fault.activeMs);
        return { electedAtMs, leaderId: serverId, electedWithinMs };
      }
    }
    lastAskedMs.set(serverId, askedMs);
  }
  return { electedAtMs: null, leaderId: null, electedWithinMs: null };
}

function rolesBefore(roles: readonly RoleObservation[], atMs: number): Map<number, RoleObservation['role']> {
  const before = inOrder(roles).filter(({ answeredNs }) => answeredNs / 1e6 < atMs);
  return new Map(before.map(({ serverId, role }) => [serverId, role]));
}

function inOrder(roles: readonly RoleObservation[]): readonly RoleObservation[] {
  return roles.toSorted((a, b) => a.answeredNs - b.answeredNs);
}

/** From a little before the fault until all was as before: a late probe outside of that has changed no figure. */
function lagWithin(all: readonly Series[], fault: FaultWindow, steadyAtMs: number | null): number {
  let lagMs = 0;
  for (const { intendedMs, sentMs, intervalMs } of all) {
    const toMs = (steadyAtMs ?? fault.untilMs) + intervalMs;
    const from = firstAtOrAfter(intendedMs, fault.activeMs - intervalMs);
    for (let i = from; i < intendedMs.length && (intendedMs[i] as number) <= toMs; i++) {
      const lateMs = (sentMs[i] as number) - (intendedMs[i] as number);
      if (lateMs > lagMs) lagMs = lateMs;
    }
  }
  return lagMs;
}

function detectedBy(probeMs: number | null, roleMs: number | null): RecoveryTimes['detectedBy'] {
  if (probeMs === null && roleMs === null) return null;
  return (probeMs ?? Infinity) <= (roleMs ?? Infinity) ? 'probe' : 'role';
}

function earliest(...times: readonly (number | null)[]): number | null {
  const some = present(times);
  return some.length === 0 ? null : Math.min(...some);
}

/** Null if there is none, or one of them is null. */
function latest(times: readonly (number | null)[]): number | null {
  const some = present(times);
  return some.length === 0 || some.length < times.length ? null : Math.max(...some);
}

function present(times: readonly (number | null)[]): number[] {
  return times.filter((time) => time !== null);
}
