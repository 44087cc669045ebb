import type { Anomaly, AnomalyOp, CheckerResult, Mark, Surroundings } from '../history/verification.ts';

/** Of each checker, those that come first. */
const ANOMALIES_MAX = 5;
const OPS_PER_CLIENT_MAX = 30;
/** Shown before and behind an anomaly: as much again as it takes, within bounds. */
const MARGIN_MIN_MS = 10;
const MARGIN_MAX_MS = 500;

const MARKS_MAX = 100;

/** A part of a run: some clients, for some time. */
export interface Stretch {
  readonly clients: ReadonlySet<number>;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Where to look for what was about an anomaly. */
export interface Surroundable {
  /** Operations under way at some time of the stretch, in any order. */
  opsIn(stretch: Stretch): Iterable<AnomalyOp>;
  /** What befell the clients, in order of time. */
  marksIn(stretch: Stretch): Iterable<Mark>;
}

/** The result, with what was about the first of its anomalies. */
export function withSurroundings(result: CheckerResult, run: Surroundable): CheckerResult {
  const anomalies = result.anomalies.map((anomaly, index): Anomaly => {
    const surroundings = index < ANOMALIES_MAX ? surroundingsOf(anomaly, run) : null;
    return surroundings === null ? anomaly : { ...anomaly, surroundings };
  });
  return { ...result, anomalies };
}

/** Null of an anomaly without operations. */
function surroundingsOf({ ops }: Anomaly, run: Surroundable): Surroundings | null {
  if (ops.length === 0) return null;
  const beginMs = Math.min(...ops.map(({ invokeMs }) => invokeMs));
  const endMs = Math.max(...ops.map(endOf));
  const marginMs = Math.min(MARGIN_MAX_MS, Math.max(MARGIN_MIN_MS, endMs - beginMs));
  const [fromMs, toMs] = [Math.max(0, beginMs - marginMs), endMs + marginMs];
  const clients = new Set(ops.map(({ process }) => process));
  const stretch = { clients, fromMs, toMs };
  const found = [...run.opsIn(stretch)];
  const kept = [...clients].flatMap((client) =>
    nearest(
      found.filter(({ process }) => process === client),
      ops,
    ),
  );
  return {
    fromMs,
    toMs,
    ops: kept.toSorted((a, b) => a.invokeMs - b.invokeMs),
    leftOut: found.length - kept.length,
    marks: [...run.marksIn(stretch)].slice(0, MARKS_MAX),
  };
}

/** Those next to the anomaly's own in time. Its own are among them. */
function nearest(found: readonly AnomalyOp[], own: readonly AnomalyOp[]): AnomalyOp[] {
  const distanceOf = (op: AnomalyOp): number =>
    Math.min(...own.map((each) => Math.max(0, each.invokeMs - endOf(op), op.invokeMs - endOf(each))));
  return found
    .map((op) => ({ op, isOwn: own.some((each) => isSame(each, op)), distance: distanceOf(op) }))
    .toSorted((a, b) => Number(b.isOwn) - Number(a.isOwn) || a.distance - b.distance)
    .slice(0, OPS_PER_CLIENT_MAX)
    .map(({ op }) => op);
}

/** Whether two descriptions are of one operation: an xid is one session's, and a client may have had several. */
function isSame(one: AnomalyOp, other: AnomalyOp): boolean {
  return one.process === other.process && one.index === other.index && one.invokeMs === other.invokeMs;
}

function endOf({ invokeMs, completeMs }: AnomalyOp): number {
  return Math.max(invokeMs, completeMs);
}
