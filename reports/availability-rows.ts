import type {
  Availability,
  AvailabilityRow,
  FaultRecovery,
  Report,
} from '../harness/history/report-schema.ts';

const CLASS_NAMES: Readonly<Record<string, string>> = {
  read: 'read',
  syncRead: 'synced read',
  write: 'write',
  session: 'session',
  watch: 'watch',
};

export function className(probeClass: string): string {
  return CLASS_NAMES[probeClass] ?? probeClass;
}

export function targetName(serverId: number | null): string {
  return serverId === null ? 'ensemble' : `server ${serverId}`;
}

/** As they are drawn: the ensemble first, then by server, and in each the classes in the order of the list above. */
export function rowsInOrder<Row extends Pick<AvailabilityRow, 'probeClass' | 'serverId'>>(
  rows: readonly Row[],
): readonly Row[] {
  const classes = Object.keys(CLASS_NAMES);
  const placeOf = (probeClass: string): number => {
    const place = classes.indexOf(probeClass);
    return place === -1 ? classes.length : place;
  };
  return rows.toSorted(
    (a, b) => (a.serverId ?? -1) - (b.serverId ?? -1) || placeOf(a.probeClass) - placeOf(b.probeClass),
  );
}

/** A stretch of a strip in which nothing changes. `level`: null where nothing was intended. */
export interface StripCell {
  readonly fromMs: number;
  readonly toMs: number;
  readonly level: AvailabilityLevel | null;
}

/** `full`: every probe succeeded; `most`: at least half of them; `some`; `none`. */
export type AvailabilityLevel = 'full' | 'most' | 'some' | 'none';

export function levelOf(availability: number): AvailabilityLevel {
  if (availability === 1) return 'full';
  if (availability === 0) return 'none';
  return availability >= 0.5 ? 'most' : 'some';
}

/** The row in at most `cellsMax` cells and then some less: neighbours that look alike are one. */
export function stripCells(
  { fromMs, toMs }: Pick<Availability, 'fromMs' | 'toMs'>,
  { bins, binMs }: Pick<AvailabilityRow, 'bins' | 'binMs'>,
  cellsMax: number,
): readonly StripCell[] {
  const size = Math.max(1, Math.ceil(bins.length / cellsMax));
  const cells: StripCell[] = [];
  for (let at = 0; at < bins.length; at += size) {
    const some = bins.slice(at, at + size).filter((bin) => bin !== null);
    const mean = some.length === 0 ? null : some.reduce((sum, bin) => sum + bin, 0) / some.length;
    const level = mean === null ? null : levelOf(mean);
    const start = fromMs + at * binMs;
    const end = Math.min(toMs, fromMs + (at + size) * binMs);
    const last = cells.at(-1);
    if (last !== undefined && last.level === level) cells[cells.length - 1] = { ...last, toMs: end };
    else cells.push({ fromMs: start, toMs: end, level });
  }
  return cells;
}

/** As long as the fault was in effect; where nobody knows, as long as it was felt. */
export function faultBand({ activeAtMs, healedAtMs, steadyAtMs, untilMs }: FaultRecovery): {
  readonly fromMs: number;
  readonly toMs: number;
} {
  return { fromMs: activeAtMs, toMs: Math.max(activeAtMs, healedAtMs ?? steadyAtMs ?? untilMs) };
}

const FAULTS_SHOWN_MAX = 3;

/** Of many faults those that kept writes of the ensemble waiting longest. */
export function shownFaults(report: Report): readonly FaultRecovery[] {
  const faults = report.recovery?.faults ?? [];
  if (faults.length <= FAULTS_SHOWN_MAX) return faults;
  return faults.toSorted((a, b) => writeGapMs(b) - writeGapMs(a)).slice(0, FAULTS_SHOWN_MAX);
}

function writeGapMs({ series }: FaultRecovery): number {
  const writes = series.find(({ probeClass, serverId }) => probeClass === 'write' && serverId === null);
  return writes?.longestGapMs ?? 0;
}
