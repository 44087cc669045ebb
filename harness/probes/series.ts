import { PROBE_OUTCOME } from './probe-record.ts';
import type { ProbeClass, ProbeLog, ProbeRecord } from './probe-record.ts';

/** All probes of one class at one target, in the order in which they were intended. Times in ms. */
export interface Series {
  readonly probeClass: ProbeClass;
  /** Null: the ensemble as a whole. */
  readonly serverId: number | null;
  readonly intervalMs: number;
  readonly intendedMs: Float64Array;
  /** NaN for what could not be sent. */
  readonly sentMs: Float64Array;
  readonly completedMs: Float64Array;
  readonly isOk: Uint8Array;
  /** When those that succeeded did, in order. */
  readonly successesMs: Float64Array;
}

export function seriesOf(log: ProbeLog): readonly Series[] {
  const byKey = new Map<string, ProbeRecord[]>();
  for (const record of log.records) {
    const key = `${record.target} ${record.probeClass}`;
    const others = byKey.get(key);
    if (others === undefined) byKey.set(key, [record]);
    else others.push(record);
  }
  return [...byKey.values()].map((records) => {
    const sorted = records.sort((a, b) => a.intendedNs - b.intendedNs);
    const { probeClass, target: index } = sorted[0] as ProbeRecord;
    const target = log.targets[index];
    const isOk = Uint8Array.from(sorted, ({ outcome }) => (outcome === PROBE_OUTCOME.ok ? 1 : 0));
    const completedMs = inMs(sorted, 'completedNs');
    return {
      probeClass,
      serverId: target?.serverId ?? null,
      intervalMs: target?.intervalMs[probeClass] ?? Infinity,
      intendedMs: inMs(sorted, 'intendedNs'),
      sentMs: inMs(sorted, 'sentNs'),
      completedMs,
      isOk,
      successesMs: completedMs.filter((_, index) => isOk[index] === 1).sort(),
    };
  });
}

/** The index of the first of these sorted times that is not before `atMs`. */
export function firstAtOrAfter(times: Float64Array, atMs: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] as number) < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function inMs(records: readonly ProbeRecord[], field: 'intendedNs' | 'sentNs' | 'completedNs'): Float64Array {
  return Float64Array.from(records, (record) => record[field] / 1e6);
}
