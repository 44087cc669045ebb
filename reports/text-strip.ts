import type { Availability, AvailabilityRow, Report, RoleLane } from '../harness/history/report-schema.ts';
import { className, faultBand, levelOf, rowsInOrder, shownFaults, targetName } from './availability-rows.ts';
import { formatDuration, formatShare, formatTime } from './format.ts';

const WIDTH = 48;
const NAME_WIDTH = 22;
const LEVEL_GLYPHS = { full: '█', most: '▓', some: '░', none: '.' } as const;
const ROLE_GLYPHS: Readonly<Record<string, string>> = {
  leader: 'L',
  follower: 'f',
  observer: 'o',
  standalone: 's',
};

/**
 * Availability over time in characters: a line for each class at the ensemble, and for each class at a server where
 * something failed; above them the faults, below them who was what. Empty without probes.
 */
export function availabilityStrip(report: Report): readonly string[] {
  const { availability } = report;
  if (availability === null || availability.rows.length === 0) return [];
  const rows = rowsInOrder(availability.rows).filter(
    ({ serverId, ok, intended }) => serverId === null || ok < intended,
  );
  const { fromMs, toMs } = availability;
  const cell = formatDuration((toMs - fromMs) / WIDTH);
  return [
    `${formatTime(fromMs)} to ${formatTime(toMs)}, ${cell} a character; █ all, ▓ most, ░ some, . none succeeded`,
    ...faultLines(report, availability),
    ...rows.map((row) => line(nameOf(row), cellsOf(availability, row), formatShare(shareOf(row)))),
    ...availability.roles.map((lane) =>
      line(`role of server ${lane.serverId}`, rolesOf(availability, lane), ''),
    ),
    'L leads, f follows, o observes, s alone, - serves nobody',
  ];
}

export function shareOf({ ok, intended }: AvailabilityRow): number | null {
  return intended === 0 ? null : ok / intended;
}

function line(name: string, cells: string, end: string): string {
  return `${name.padEnd(NAME_WIDTH)} ${cells} ${end}`.trimEnd();
}

function nameOf({ probeClass, serverId }: AvailabilityRow): string {
  return `${className(probeClass)}, ${targetName(serverId)}`;
}

function faultLines(report: Report, availability: Availability): readonly string[] {
  return shownFaults(report).map((fault) => {
    const { fromMs, toMs } = faultBand(fault);
    const marks = eachCell(availability, (start, end) => (start < toMs && end > fromMs ? '^' : ' '));
    // A fault of an instant lies in the one cell that it falls into.
    const at = Math.floor(
      ((fromMs - availability.fromMs) / (availability.toMs - availability.fromMs)) * WIDTH,
    );
    const shown = marks.includes('^')
      ? marks
      : `${' '.repeat(Math.max(0, Math.min(WIDTH - 1, at)))}^`.padEnd(WIDTH);
    return line('fault', shown, fault.fault);
  });
}

/** The worst that happened in it decides how a cell looks: an outage shorter than a cell is one all the same. */
function cellsOf(availability: Availability, { bins, binMs }: AvailabilityRow): string {
  return eachCell(availability, (start, end) => {
    const first = Math.floor((start - availability.fromMs) / binMs);
    const last = Math.max(first, Math.ceil((end - availability.fromMs) / binMs) - 1);
    const seen = bins.slice(first, last + 1).filter((bin) => bin !== null);
    return seen.length === 0 ? ' ' : LEVEL_GLYPHS[levelOf(Math.min(...seen))];
  });
}

function rolesOf(availability: Availability, { spans }: RoleLane): string {
  return eachCell(availability, (start, end) => {
    const middle = (start + end) / 2;
    const span = spans.find(({ fromMs, toMs }) => fromMs <= middle && middle < toMs);
    if (span === undefined) return ' ';
    return span.role === null ? '-' : (ROLE_GLYPHS[span.role] ?? '?');
  });
}

function eachCell(
  { fromMs, toMs }: Availability,
  glyphOf: (startMs: number, endMs: number) => string,
): string {
  const cellMs = (toMs - fromMs) / WIDTH;
  return Array.from({ length: WIDTH }, (_, index) =>
    glyphOf(fromMs + index * cellMs, fromMs + (index + 1) * cellMs),
  ).join('');
}
