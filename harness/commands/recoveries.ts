import type { History } from '../history/history.ts';
import { isWrite, Outcome } from '../history/op.ts';
import type { RecoverySummary, ReportInput, Spread, Timeline } from '../history/report-schema.ts';
import { ELECTION_POLL_MS } from '../nemesis/fault-rounds.ts';
import type { FaultRound } from '../nemesis/fault.ts';

type RecoveryInput = NonNullable<ReportInput['recoveries']>[number];

/** When requests came to their end, in ms, in order of time. */
export interface Completions {
  /** Of writes that were acknowledged. */
  readonly acknowledgedMs: Float64Array;
  /** Of requests of which nobody knows what became of them. */
  readonly unansweredMs: Float64Array;
}

export function completionsIn(history: History): Completions {
  return {
    acknowledgedMs: completionsWhere(history, (row) => isAcknowledgedWrite(history, row)),
    unansweredMs: completionsWhere(history, (row) => history.outcome[row] === Outcome.info),
  };
}

/**
 * What each fault cost, read off what clients were told: when a client first noticed, when the first write asked for after it
 * succeeded, and for how long no write came back at all. `timeline`: for the availability that was lost.
 */
export function recoveriesOf(
  { acknowledgedMs, unansweredMs }: Completions,
  rounds: readonly FaultRound[],
  timeline: Timeline | null,
): RecoveryInput[] {
  return rounds.map((round) => {
    const { injectedAtMs, servedAtMs, evidence, noEffect } = round;
    const gap = longestGap(acknowledgedMs, injectedAtMs, servedAtMs ?? Infinity);
    return {
      fault: round.label,
      kind: round.fault,
      serverId: round.serverIds.length === 1 ? (round.serverIds[0] ?? null) : null,
      evidence,
      noEffect,
      killedAtMs: injectedAtMs,
      detectedAtMs: unansweredMs[firstAtOrAfter(unansweredMs, injectedAtMs)] ?? null,
      ...stepsOf(round),
      firstSuccessAtMs: gap?.endMs ?? null,
      writeGapMs: gap === null ? null : gap.endMs - gap.startMs,
      lostAvailabilitySeconds: servedAtMs === null ? null : lostSeconds(timeline, injectedAtMs, servedAtMs),
    };
  });
}

function stepsOf({ effect, electedAtMs, mendedAtMs, rejoinedAtMs }: FaultRound): Partial<RecoveryInput> {
  const mended = effect === 'paused' ? { resumedAtMs: mendedAtMs } : { restartedAtMs: mendedAtMs };
  const resolutionMs = electedAtMs === null ? null : ELECTION_POLL_MS;
  return { ...mended, electedAtMs, rejoinedAtMs, resolutionMs };
}

/** Of each kind with several rounds: how long they took, over those that came to it. */
export function summarizeRecoveries(recoveries: readonly RecoveryInput[]): RecoverySummary[] {
  const kinds = new Map<string, RecoveryInput[]>();
  for (const recovery of recoveries) {
    const others = kinds.get(recovery.kind ?? '');
    if (others === undefined) kinds.set(recovery.kind ?? '', [recovery]);
    else others.push(recovery);
  }
  return [...kinds].flatMap(([kind, rounds]): RecoverySummary[] => {
    if (rounds.length < 2) return [];
    const since = (at: 'electedAtMs' | 'rejoinedAtMs') =>
      rounds.map((round) => differenceOf(round[at], round.killedAtMs));
    return [
      {
        kind,
        rounds: rounds.length,
        writeGapMs: spreadOf(rounds.map(({ writeGapMs }) => writeGapMs)),
        electionMs: spreadOf(since('electedAtMs')),
        rejoinMs: spreadOf(since('rejoinedAtMs')),
        lostAvailabilitySeconds: spreadOf(rounds.map((round) => round.lostAvailabilitySeconds)),
      },
    ];
  });
}

/** Null without any figure. */
export function spreadOf(figures: readonly (number | null | undefined)[]): Spread | null {
  const sorted = figures.filter((figure) => typeof figure === 'number').sort((a, b) => a - b);
  const { length } = sorted;
  if (length === 0) return null;
  const at = (index: number): number => sorted[index] ?? 0;
  return {
    rounds: length,
    median: (at((length - 1) >> 1) + at(length >> 1)) / 2,
    // The smallest that at least nine in ten do not exceed.
    p90: at(Math.ceil(0.9 * length) - 1),
    max: at(length - 1),
  };
}

function differenceOf(atMs: number | null | undefined, fromMs: number | null | undefined): number | null {
  return typeof atMs === 'number' && typeof fromMs === 'number' ? atMs - fromMs : null;
}

/** Σ (1 − availability) · interval. Where nothing was even begun, for want of a connection, nothing was available. */
function lostSeconds(timeline: Timeline | null, fromMs: number, toMs: number): number | null {
  if (timeline === null) return null;
  let lostMs = 0;
  for (const { tMs, availability } of timeline.points) {
    const withinMs = Math.min(toMs, tMs + timeline.intervalMs) - Math.max(fromMs, tMs);
    if (withinMs > 0) lostMs += (1 - (availability ?? 0)) * withinMs;
  }
  return lostMs / 1000;
}

/**
 * The longest time without an event among those around `[fromMs, toMs]`. Answers that were on their way when
 * the server died still come in after `fromMs`, so the gap need not begin there.
 */
function longestGap(
  times: Float64Array,
  fromMs: number,
  toMs: number,
): { readonly startMs: number; readonly endMs: number } | null {
  let longest: { startMs: number; endMs: number } | null = null;
  for (let i = Math.max(1, firstAtOrAfter(times, fromMs)); i < times.length; i++) {
    const startMs = times[i - 1] as number;
    const endMs = times[i] as number;
    if (startMs > toMs) break;
    if (longest === null || endMs - startMs > longest.endMs - longest.startMs) longest = { startMs, endMs };
  }
  return longest;
}

function isAcknowledgedWrite(history: History, row: number): boolean {
  return history.outcome[row] === Outcome.ok && isWrite(history.kind[row] ?? 0);
}

/** In ms, in order of time. */
function completionsWhere(history: History, holds: (row: number) => boolean): Float64Array {
  const times = new Float64Array(history.size);
  let count = 0;
  for (let row = 0; row < history.size; row++) {
    if (holds(row)) times[count++] = (history.completeNs[row] ?? 0) / 1e6;
  }
  return times.subarray(0, count).sort();
}

function firstAtOrAfter(times: Float64Array, atMs: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? 0) < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
