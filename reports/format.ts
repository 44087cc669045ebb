/** What stands where there is no figure. */
export const NONE = '—';

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 12,345. */
export function formatCount(value: number | null): string {
  return value === null ? NONE : grouped.format(value);
}

/** Three significant digits, and never more than three decimals: 0.083, 1.24, 12.4, 1,240. */
export function formatFigure(value: number | null): string {
  if (value === null) return NONE;
  if (value === 0) return '0';
  const digits = Math.floor(Math.log10(Math.abs(value)));
  return new Intl.NumberFormat('en-US', {
    minimumFractionDigits: Math.min(3, Math.max(0, 2 - digits)),
    maximumFractionDigits: Math.min(3, Math.max(0, 2 - digits)),
  }).format(value);
}

/** Microseconds in, milliseconds out, without the unit. */
export function formatUsAsMs(us: number | null): string {
  return formatFigure(us === null ? null : us / 1000);
}

/** Of a rate: 23,104, but 0.42. */
export function formatRate(perSecond: number | null): string {
  if (perSecond === null) return NONE;
  return perSecond < 10 ? formatFigure(perSecond) : formatCount(perSecond);
}

const short = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 });

/** A length of time for reading: 640 ms, 10.7 s, 4 min 05 s. */
export function formatDuration(ms: number | null): string {
  if (ms === null) return NONE;
  if (ms < 1000) return `${short.format(ms)} ms`;
  if (ms < 120_000) return `${short.format(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/** A point of time of the run, in seconds since its start: 12.345 s. */
export function formatTime(ms: number | null): string {
  return ms === null ? NONE : `${(ms / 1000).toFixed(3)} s`;
}

/** "2026-03-01 12:00:00 UTC"; a time that is none is shown as it stands. */
export function formatStart(startedAt: string): string {
  const time = Date.parse(startedAt);
  if (Number.isNaN(time)) return startedAt;
  return `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** 0.99987 as 99.99 %: as many digits as keep it from looking like 100 % when it is not. */
export function formatShare(share: number | null): string {
  if (share === null) return NONE;
  if (share === 0 || share === 1) return `${share * 100} %`;
  const distance = Math.max(1e-6, Math.min(share, 1 - share));
  const decimals = Math.min(4, Math.max(1, Math.ceil(-Math.log10(distance) - 2)));
  return `${(share * 100).toFixed(decimals)} %`;
}

/** 1.5 GiB. */
export function formatBytes(bytes: number | null): string {
  if (bytes === null) return NONE;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${short.format(value)} ${units[unit] ?? ''}`;
}

export function formatYesNo(value: boolean | null): string {
  if (value === null) return NONE;
  return value ? 'yes' : 'no';
}

/** "3 servers", "1 server". */
export function formatPlural(value: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(value)} ${value === 1 ? singular : plural}`;
}
