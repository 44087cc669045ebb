import { probeTargets } from '../probe-rates.ts';
import { PROBE_OUTCOME } from '../probe-record.ts';
import type { ProbeClass, ProbeLog, ProbeRecord } from '../probe-record.ts';

/** What becomes of a probe that is intended at `atMs`: how long it takes, and how it ends. */
export type Fate = (
  atMs: number,
  of: { readonly probeClass: ProbeClass; readonly serverId: number | null },
) => { readonly tookMs: number; readonly outcome?: number; readonly lateMs?: number };

const CLASSES = ['read', 'syncRead', 'write'] as const;

/**
 * Probes on paper: of servers and of the ensemble, for `endMs`, each with the fate that it is given. Of the
 * ensemble they are 20 ms apart, of a server 100 ms.
 */
export function probesOnPaper(of: {
  readonly serverIds: readonly number[];
  readonly endMs: number;
  readonly fate: Fate;
  readonly roles?: ProbeLog['roles'];
}): ProbeLog {
  const targets = probeTargets(of.serverIds, 50);
  const records: ProbeRecord[] = targets.flatMap(({ serverId, intervalMs }, target) =>
    CLASSES.flatMap((probeClass) =>
      Array.from({ length: Math.ceil(of.endMs / intervalMs[probeClass]) }, (_, index) => {
        const atMs = index * intervalMs[probeClass];
        const { tookMs, outcome = PROBE_OUTCOME.ok, lateMs = 0 } = of.fate(atMs, { probeClass, serverId });
        const isUnsent = outcome === PROBE_OUTCOME.notConnected;
        return {
          probeClass,
          target,
          intendedNs: atMs * 1e6,
          sentNs: isUnsent ? NaN : (atMs + lateMs) * 1e6,
          completedNs: (atMs + tookMs) * 1e6,
          outcome,
        };
      }),
    ),
  );
  return { targets, deadlineMs: 1000, dialPauseMs: 5, records, roles: of.roles ?? [], isComplete: true };
}
