import type { Report, ReportWorkload } from '../harness/history/report-schema.ts';
import { formatCount, formatPlural, formatRate } from './format.ts';

/** What was run against what, in one line: "embedded ensemble, 3 servers · open loop at 2,000 ops/s". */
export function runSubject(report: Report): string {
  const { target, workload } = report;
  const parts: string[] = [];
  if (target !== null) {
    parts.push(
      target.servers.length === 0
        ? `${target.ensemble} ensemble`
        : `${target.ensemble} ensemble, ${formatPlural(target.servers.length, 'server')}`,
    );
    if (target.version !== null) parts.push(target.version);
  }
  if (workload !== null) parts.push(...loadInWords(workload));
  return parts.join(' · ');
}

/** "open loop at 2,000 ops/s", "20 connections". */
export function loadInWords(workload: ReportWorkload): readonly string[] {
  const parts: string[] = [];
  if (workload.loop === 'open') {
    parts.push(
      workload.ratePerSecond === null
        ? 'open loop'
        : `open loop at ${formatRate(workload.ratePerSecond)} ops/s`,
    );
  }
  if (workload.loop === 'closed') parts.push('closed loop');
  if (workload.connections !== null) {
    const each = workload.inFlightMax === null ? '' : ` × ${formatCount(workload.inFlightMax)} in flight`;
    parts.push(formatPlural(workload.connections, 'connection') + each);
  }
  return parts;
}
