import type { ReportEvent } from '../../harness/history/report-schema.ts';
import type { Anomaly, AnomalyOp, Mark } from '../../harness/history/verification.ts';
import { isFault } from '../chart-data.ts';
import { formatPlural, formatTime } from '../format.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';

/** Operations that a client has under way at once lie in rows one below the other. */
const ROWS_MAX = 8;
const ROW_PX = 18;
const BAR_PX = 13;
const NARROWEST_SHARE = 0.4;
/** Wide enough for its name, as a share of the width. */
const NAMED_SHARE = 7;
const EDGE_SHARE = 97;
const KINDS: readonly (readonly [Mark['kind'], string])[] = [
  ['event', 'watch event'],
  ['connected', 'connected'],
  ['lost', 'connection lost'],
  ['expired', 'told that its session has expired'],
];

const MARKS_PX = 10;

/** An operation in its lane; `x` and `width` are shares. */
interface Placed {
  readonly op: AnomalyOp;
  readonly number: number | null;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

interface Lane {
  readonly client: number;
  readonly marks: readonly Mark[];
  readonly rows: readonly (readonly AnomalyOp[])[];
}

/**
 * What the clients of an anomaly did about that time, a lane each: bars from an operation being asked for to its answer,
 * those that the anomaly is made of with the numbers of the table. Null of one without operations.
 */
export function swimLanes(anomaly: Anomaly, events: readonly ReportEvent[]): Html | null {
  const { ops: own, surroundings } = anomaly;
  if (own.length === 0 || surroundings === undefined) return null;
  const { fromMs, toMs, leftOut, marks } = surroundings;
  const at = scaleOf(fromMs, toMs);
  const faults = events.filter((event) => isFault(event) && event.tMs <= toMs && endOfFault(event) >= fromMs);
  const lanes = lanesOf(own, surroundings.ops, marks);
  return html`<figure class="strips lanes">
    <figcaption>
      What its clients did about that time
      <span>${formatTime(fromMs)} to ${formatTime(toMs)}${inForce(faults)}</span>
    </figcaption>
    ${faults.map((fault) => faultLane(fault, at))} ${lanes.map((lane) => clientLane(lane, own, at))}
    <ul class="keys">
      <li><i class="ok"></i>done</li>
      <li><i class="fail"></i>refused</li>
      <li><i class="info"></i>never answered</li>
      <li><i class="own"></i>of this anomaly</li>
      ${KINDS.filter(([kind]) => marks.some((mark) => mark.kind === kind)).map(
        ([kind, name]) => html`<li><i class="mark ${kind}"></i>${name}</li> `,
      )}
      ${leftOut === 0 ? null : html`<li>${formatPlural(leftOut, 'operation')} more are not drawn</li>`}
    </ul>
  </figure>`;
}

/** Of its operations, by the number that the table gives them. */
export function numberOf(op: AnomalyOp, own: readonly AnomalyOp[]): number | null {
  const index = own.findIndex(
    (each) => each.process === op.process && each.index === op.index && each.invokeMs === op.invokeMs,
  );
  return index === -1 ? null : index + 1;
}

/** Positions as shares of the width, so that the drawing needs no script and no size of its own. */
type Scale = (fromMs: number, toMs: number) => { readonly x: number; readonly width: number };

function scaleOf(startMs: number, endMs: number): Scale {
  const shareAt = (ms: number): number =>
    endMs <= startMs ? 0 : (100 * (Math.min(endMs, Math.max(startMs, ms)) - startMs)) / (endMs - startMs);
  return (fromMs, toMs) => ({
    x: shareAt(fromMs),
    width: Math.max(NARROWEST_SHARE, shareAt(toMs) - shareAt(fromMs)),
  });
}

function lanesOf(own: readonly AnomalyOp[], around: readonly AnomalyOp[], marks: readonly Mark[]): Lane[] {
  const all = [...around, ...own.filter((op) => numberOf(op, around) === null)];
  const clients = [...new Set(all.map(({ process }) => process))].sort((a, b) => a - b);
  return clients.map((client) => ({
    client,
    marks: marks.filter(({ process }) => process === client),
    rows: rowsOf(all.filter(({ process }) => process === client).toSorted((a, b) => a.invokeMs - b.invokeMs)),
  }));
}

/** Each into the first row that is free by then; where all are taken, into the last. */
function rowsOf(ops: readonly AnomalyOp[]): AnomalyOp[][] {
  const rows: AnomalyOp[][] = [];
  for (const op of ops) {
    const free = rows.find((row) => row.every((before) => endOf(before) <= op.invokeMs));
    if (free !== undefined) free.push(op);
    else if (rows.length < ROWS_MAX) rows.push([op]);
    else rows.at(-1)?.push(op);
  }
  return rows;
}

/** There is no room for a long name before its strip. */
function inForce(faults: readonly ReportEvent[]): string {
  const labels = [...new Set(faults.map(({ label }) => label))];
  return labels.length === 0 ? '' : `; in force then: ${labels.join(', ')}`;
}

function faultLane(fault: ReportEvent, at: Scale): Html {
  const { label, tMs, endMs } = fault;
  const { x, width } = at(tMs, endOfFault(fault));
  const until = endMs === null ? 'on' : `to ${formatTime(endMs)}`;
  return html`<div class="strip">
    <span>${label}</span>
    <svg height="14" role="img" aria-label="${label}, ${formatTime(tMs)} ${until}">
      <rect class="band" x="${share(x)}" y="0" width="${share(width)}" height="14" />
    </svg>
  </div>`;
}

/** One that nobody has seen the end of is in force to the end. */
function endOfFault({ endMs }: ReportEvent): number {
  return endMs ?? Number.POSITIVE_INFINITY;
}

function clientLane({ client, rows, marks }: Lane, own: readonly AnomalyOp[], at: Scale): Html {
  const top = marks.length === 0 ? 0 : MARKS_PX;
  const height = top + rows.length * ROW_PX;
  const placed = rows.flatMap((row, index) =>
    row.map((op): Placed => {
      return { op, number: numberOf(op, own), y: top + index * ROW_PX, ...at(op.invokeMs, endOf(op)) };
    }),
  );
  return html`<div class="strip">
    <span>client ${client}</span>
    <svg
      height="${height}"
      role="img"
      aria-label="Client ${client}: ${formatPlural(placed.length, 'operation')}"
    >
      ${marks.map((mark) => markAt(mark, at))} ${placed.map((each) => bar(each))}
      ${placed.map((each) => numberMark(each))}
    </svg>
  </div>`;
}

/** Above the bars, when it befell the client. */
function markAt({ kind, label, atMs }: Mark, at: Scale): Html {
  return html`<rect class="mark ${kind}" x="${share(at(atMs, atMs).x)}" y="0" width="4" height="8" rx="1">
    <title>${label}, ${formatTime(atMs)}</title>
  </rect>`;
}

function bar({ op, number, x, y, width }: Placed): Html {
  const answer = isOpen(op) ? 'never answered' : `${op.outcome} ${op.zxid ?? ''}`.trimEnd();
  const name = width < NAMED_SHARE ? null : html`<text x="3" y="11">${nameOf(op)}</text>`;
  return html`<svg x="${share(x)}" y="${y}" width="${share(width)}" height="${ROW_PX}">
    <title>${nameOf(op)}, ${answer}, ${formatTime(op.invokeMs)} to ${formatTime(op.completeMs)}</title>
    <rect class="${classOf(op, number)}" x="0" y="1" width="100%" height="${BAR_PX}" rx="2" />
    ${name}
  </svg>`;
}

/** Behind its bar, which may be too narrow for it; before it at the edge. Over all bars, for others may be next to it. */
function numberMark({ number, x, y, width }: Placed): Html | null {
  if (number === null) return null;
  const end = x + width;
  const isAtEdge = end > EDGE_SHARE;
  return html`<text
    class="number"
    x="${share(end)}"
    y="${y + 12}"
    dx="${isAtEdge ? -4 : 4}"
    text-anchor="${isAtEdge ? 'end' : 'start'}"
  >
    ${number}
  </text>`;
}

/** What a recipe asked for names its node already. */
function nameOf({ kind, node }: AnomalyOp): string {
  return kind.includes(node) ? kind : `${kind} ${node}`;
}

function isOpen({ outcome }: AnomalyOp): boolean {
  return outcome === 'info';
}

function endOf(op: AnomalyOp): number {
  return isOpen(op) ? Number.POSITIVE_INFINITY : op.completeMs;
}

function classOf({ outcome }: AnomalyOp, number: number | null): string {
  const kind = outcome === 'ok' || outcome === 'fail' ? outcome : 'info';
  return number === null ? kind : `${kind} own`;
}

function share(value: number): string {
  return `${value.toFixed(2)}%`;
}
