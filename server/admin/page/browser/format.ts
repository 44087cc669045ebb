const number = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

export function formatNumber(value: number): string {
  return number.format(value);
}

export function formatMs(value: number | null): string {
  return value === null ? '–' : `${value.toFixed(2)} ms`;
}

export function formatBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${formatNumber(bytes / 1024 ** power)} ${UNITS[power]}`;
}

export function formatDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const [days, hours, minutes] = [86_400, 3600, 60].map((unit) => Math.floor(seconds / unit));
  if (days) return `${days} d ${(hours ?? 0) % 24} h`;
  if (hours) return `${hours} h ${(minutes ?? 0) % 60} min`;
  return minutes ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

/** A long as everybody writes session ids: hexadecimal, without a sign. `decimal`: with one. */
export function formatLong(decimal: string): string {
  return /^-?\d+$/.test(decimal) ? `0x${BigInt.asUintN(64, BigInt(decimal)).toString(16)}` : decimal;
}
