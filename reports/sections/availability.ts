import type {
  Availability,
  AvailabilityRow,
  FaultRecovery,
  Report,
  RoleLane,
} from '../../harness/history/report-schema.ts';
import {
  className,
  faultBand,
  rowsInOrder,
  shownFaults,
  stripCells,
  targetName,
} from '../availability-rows.ts';
import { formatCount, formatDuration, formatPlural, formatShare, formatTime } from '../format.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import {
  RECOVERY_COLUMNS,
  RECOVERY_COLUMNS_IN_WORDS,
  recoveryDoubt,
  recoveryFacts,
  recoveryRows,
  steadyInWords,
} from '../recovery-table.ts';
import { definitions, figures, table, words } from '../table.ts';
import { shareOf } from '../text-strip.ts';
import { renderBadge } from './section.ts';
import type { Section } from './section.ts';

const CELLS_MAX = 400;
/** More names than this would lie one on the other. */
const NAMED_MAX = 4;
const ROLES = ['leader', 'follower', 'observer', 'standalone'] as const;

/** What clients could do when, by probes apart from the load; what each fault cost; and who led meanwhile. */
export function availabilitySection(report: Report): Section | null {
  const { availability } = report;
  if (availability === null || availability.rows.length === 0) return null;
  const shown = shownFaults(report);
  const all = report.recovery?.faults ?? [];
  return {
    id: 'availability',
    title: 'Availability',
    body: html`<p class="lede">
        Probes at a fixed rate, apart from the load, each of which succeeds within
        ${formatDuration(availability.deadlineMs)} or has failed: at the ensemble, with a client that goes to
        the next server when its own fails, and at each server alone. Shaded: faults in effect.
      </p>
      ${proberNote(availability)} ${strips(report, availability)} ${shown.map(oneFault)}
      ${
        shown.length < all.length
          ? html`<p class="note">
              Of ${formatPlural(all.length, 'fault')} those that kept writes waiting longest.
            </p>`
          : null
      }
      ${all.length === 0 ? null : html`<p class="note">${steadyInWords(report)}</p>`}
      ${shareTable(availability)}`,
  };
}

function proberNote({ prober }: Availability): Html | null {
  if (!prober.limited) return null;
  const badge = { label: 'prober-limited', tone: 'warn' } as const;
  return html`<p class="lede">${renderBadge(badge)} ${prober.reasons.join('; ')}</p>`;
}

function strips(report: Report, availability: Availability): Html {
  const bands = report.recovery?.faults ?? [];
  const at = scaleOf(availability);
  return html`<figure class="strips">
    <figcaption>
      Availability by class and server
      <span>${formatTime(availability.fromMs)} to ${formatTime(availability.toMs)}</span>
    </figcaption>
    <div class="strip names">
      <span></span>
      <svg height="16" role="img" aria-label="Faults">
        ${bands.length > NAMED_MAX ? null : bands.map((band) => bandName(band, at))}
      </svg>
    </div>
    ${rowsInOrder(availability.rows).map((row) => strip(row, availability, bands))}
    ${availability.roles.map((lane) => roleStrip(lane, availability, bands))}
    <ul class="keys">
      <li><i class="full"></i>all succeeded</li>
      <li><i class="most"></i>most</li>
      <li><i class="some"></i>some</li>
      <li><i class="none"></i>none</li>
      ${ROLES.map((role) => html`<li><i class="${role}"></i>${role}</li> `)}
      <li><i class="nobody"></i>serves nobody</li>
    </ul>
  </figure>`;
}

/** Positions as shares of the width: the drawing needs no script and no size of its own. */
type Scale = (fromMs: number, toMs: number) => { readonly x: string; readonly width: string };

function scaleOf({ fromMs: start, toMs: end }: Availability): Scale {
  const shareAt = (ms: number): number =>
    end <= start ? 0 : (100 * (Math.min(end, Math.max(start, ms)) - start)) / (end - start);
  return (fromMs, toMs) => ({
    x: `${shareAt(fromMs).toFixed(2)}%`,
    width: `${Math.max(0.1, shareAt(toMs) - shareAt(fromMs)).toFixed(2)}%`,
  });
}

function bandName(fault: FaultRecovery, at: Scale): Html {
  const { fromMs, toMs } = faultBand(fault);
  const { x } = at(fromMs, toMs);
  const anchor = Number.parseFloat(x) > 60 ? 'end' : 'start';
  return html`<text x="${x}" y="12" text-anchor="${anchor}">${fault.fault}</text>`;
}

function strip(row: AvailabilityRow, availability: Availability, bands: readonly FaultRecovery[]): Html {
  const at = scaleOf(availability);
  const name = `${className(row.probeClass)}, ${targetName(row.serverId)}`;
  return html`<div class="strip">
    <span>${name}</span>
    <svg height="14" role="img" aria-label="Availability of ${name}: ${formatShare(shareOf(row))}">
      ${bands.map((band) => bandRect(band, at))}
      ${stripCells(availability, row, CELLS_MAX).map(({ fromMs, toMs, level }) => {
        const { x, width } = at(fromMs, toMs);
        return level === null
          ? null
          : html`<rect class="${level}" x="${x}" y="3" width="${width}" height="8" />`;
      })}
    </svg>
  </div> `;
}

function roleStrip(
  { serverId, spans }: RoleLane,
  availability: Availability,
  bands: readonly FaultRecovery[],
): Html {
  const at = scaleOf(availability);
  const changes = spans.map(({ role, fromMs }) => `${role ?? 'serves nobody'} from ${formatTime(fromMs)}`);
  return html`<div class="strip">
    <span>role, server ${serverId}</span>
    <svg height="14" role="img" aria-label="Role of server ${serverId}: ${changes.join(', ')}">
      ${bands.map((band) => bandRect(band, at))}
      ${spans.map(({ fromMs, toMs, role }) => {
        const { x, width } = at(fromMs, toMs);
        return html`<rect class="${roleClass(role)}" x="${x}" y="3" width="${width}" height="8" />`;
      })}
    </svg>
  </div> `;
}

function roleClass(role: string | null): string {
  return ROLES.find((known) => known === role) ?? 'nobody';
}

function bandRect(fault: FaultRecovery, at: Scale): Html {
  const { fromMs, toMs } = faultBand(fault);
  const { x, width } = at(fromMs, toMs);
  return html`<rect class="band" x="${x}" y="0" width="${width}" height="14" />`;
}

function oneFault(fault: FaultRecovery): Html {
  const doubt = recoveryDoubt(fault);
  return html`<h3>${fault.fault}</h3>
    ${doubt === null ? null : html`<p class="note">${doubt}.</p>`} ${definitions(recoveryFacts(fault))}
    ${table({
      caption: `${RECOVERY_COLUMNS_IN_WORDS}; from ${formatTime(fault.activeAtMs)} on, when it was in effect`,
      columns: [words('Class'), ...RECOVERY_COLUMNS.map(figures)],
      rows: recoveryRows(fault),
    })}`;
}

function shareTable(availability: Availability): Html {
  return html`<details>
    <summary>Every class at every server (${formatPlural(availability.rows.length, 'row')})</summary>
    ${table({
      caption: 'Probes over the whole of the measurement',
      columns: [
        words('Class'),
        words('Target'),
        figures('Every'),
        figures('Intended'),
        figures('Succeeded'),
        figures('Available'),
        words('Errors'),
      ],
      rows: rowsInOrder(availability.rows).map((row) => [
        className(row.probeClass),
        targetName(row.serverId),
        formatDuration(row.intervalMs),
        formatCount(row.intended),
        formatCount(row.ok),
        formatShare(shareOf(row)),
        Object.entries(row.errors)
          .map(([name, count]) => `${name} ${formatCount(count)}`)
          .join(', '),
      ]),
    })}
    ${definitions([
      ['Schedule lag, p99', formatDuration(availability.prober.lagP99Ms)],
      ['Schedule lag, max', formatDuration(availability.prober.lagMaxMs)],
      ['CPU of the prober', formatShare(availability.prober.cpuShare)],
    ])}
  </details>`;
}
