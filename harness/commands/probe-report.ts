import { keeperErrorName } from '../client/keeper-errors.ts';
import type { ReportInput } from '../history/report-schema.ts';
import { availabilityBins } from '../probes/availability.ts';
import { judgeProber } from '../probes/judge-prober.ts';
import { PROBE_OUTCOME } from '../probes/probe-record.ts';
import type { ProbeLog, RoleObservation } from '../probes/probe-record.ts';
import { recoveryOf } from '../probes/recovery.ts';
import { seriesOf } from '../probes/series.ts';
import type { Series } from '../probes/series.ts';
import { RECOVERY_LIMITS } from '../probes/steady.ts';
import type { ProbeFindings } from './run-probes.ts';

type AvailabilityInput = NonNullable<ReportInput['availability']>;
type RecoveryInput = NonNullable<ReportInput['recovery']>;
type RoleSpan = NonNullable<NonNullable<AvailabilityInput['roles']>[number]['spans']>[number];

/** What has to be known of a fault; of a `FaultRound` it is a part. In ms on the run's clock. */
export interface FaultInstants {
  readonly fault: string;
  readonly label: string;
  readonly injectedAtMs: number;
  readonly mendedAtMs: number | null;
}

const PROBES_IN_BIN = 5;
/** A run of hours has wider bins, not a report of megabytes. */
const BINS_MAX = 1200;

/** The section `availability`; null of a prober that has not probed at all. */
export function availabilityOf({ log, summary }: ProbeFindings): AvailabilityInput | null {
  const span = spanOf(log);
  if (span === null) return null;
  const check = judgeProber(log, summary);
  return {
    ...span,
    deadlineMs: log.deadlineMs,
    rows: seriesOf(log).map((series) => rowOf(log, series, span)),
    roles: lanesOf(log.roles, span),
    prober: { ...check, reasons: [...check.reasons] },
  };
}

/** The section `recovery`, one entry for each fault, in their order; null where there was none. */
export function probedRecoveries(log: ProbeLog, faults: readonly FaultInstants[]): RecoveryInput | null {
  const span = spanOf(log);
  const [first] = faults;
  if (span === null || first === undefined) return null;
  return {
    limits: { ...RECOVERY_LIMITS },
    faults: faults.map(({ fault, label, injectedAtMs, mendedAtMs }, index) => {
      const untilMs = Math.max(injectedAtMs, faults[index + 1]?.injectedAtMs ?? span.toMs);
      const { isLimited, series, ...times } = recoveryOf(log, {
        activeMs: injectedAtMs,
        healedMs: mendedAtMs,
        untilMs,
        baseline: { fromMs: span.fromMs, toMs: first.injectedAtMs },
      });
      return {
        fault: label,
        kind: fault,
        activeAtMs: injectedAtMs,
        healedAtMs: mendedAtMs,
        untilMs,
        ...times,
        limited: isLimited,
        series: [...series],
      };
    }),
  };
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

function spanOf({ records }: ProbeLog): Span | null {
  if (records.length === 0) return null;
  let fromMs = Infinity;
  let toMs = 0;
  for (const { intendedNs } of records) {
    fromMs = Math.min(fromMs, intendedNs / 1e6);
    toMs = Math.max(toMs, intendedNs / 1e6);
  }
  return { fromMs, toMs };
}

function rowOf(log: ProbeLog, series: Series, span: Span): NonNullable<AvailabilityInput['rows']>[number] {
  const { probeClass, serverId, intervalMs } = series;
  const errors: Record<string, number> = {};
  let ok = 0;
  for (const record of log.records) {
    if (record.probeClass !== probeClass || log.targets[record.target]?.serverId !== serverId) continue;
    if (record.outcome === PROBE_OUTCOME.ok) ok++;
    else errors[outcomeName(record.outcome)] = (errors[outcomeName(record.outcome)] ?? 0) + 1;
  }
  const binMs = Math.max(PROBES_IN_BIN * intervalMs, (span.toMs - span.fromMs) / BINS_MAX);
  return {
    probeClass,
    serverId,
    intervalMs,
    intended: series.intendedMs.length,
    ok,
    errors,
    binMs,
    bins: [...availabilityBins(series, { ...span, binMs })],
  };
}

function outcomeName(outcome: number): string {
  if (outcome === PROBE_OUTCOME.deadlinePassed) return 'DeadlinePassed';
  return outcome === PROBE_OUTCOME.notConnected ? 'NotConnected' : keeperErrorName(outcome);
}

/** What each server was from one answer to the next that differs. */
function lanesOf(roles: readonly RoleObservation[], { fromMs, toMs }: Span): AvailabilityInput['roles'] {
  const lanes = new Map<number, RoleSpan[]>();
  for (const { serverId, answeredNs, role } of roles.toSorted((a, b) => a.answeredNs - b.answeredNs)) {
    const spans = lanes.get(serverId) ?? [];
    lanes.set(serverId, spans);
    const last = spans.at(-1);
    const atMs = Math.min(toMs, Math.max(fromMs, answeredNs / 1e6));
    if (last !== undefined) last.toMs = atMs;
    if (last === undefined || last.role !== role) {
      // The first answer comes a little after the question, to which there was none before.
      spans.push({ fromMs: last === undefined ? fromMs : atMs, toMs: atMs, role });
    }
  }
  const inOrder = [...lanes].sort(([a], [b]) => a - b);
  return inOrder.map(([serverId, spans]) => {
    const last = spans.at(-1);
    if (last !== undefined) last.toMs = toMs;
    return { serverId, spans };
  });
}
