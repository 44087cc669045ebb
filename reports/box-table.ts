import Table from 'cli-table3';
import type { Paint } from './terminal-style.ts';

/** A table for a terminal: words left, figures right. Empty without rows. */
export function boxTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  paint: Paint,
): string {
  if (rows.length === 0) return '';
  const table = new Table({
    head: head.map((title) => paint('cyan', title)),
    colAligns: head.map((_, index) => (index === 0 ? 'left' : 'right')),
    style: { head: [], border: [], compact: true },
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}
