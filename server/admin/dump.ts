import { formatSessionId, NO_SESSION, type SessionId } from '../base/session-id.ts';
import { socketAddress } from './connection-words.ts';
import type { ServerView } from './server-view.ts';

/**
 * `dump`: sessions by when they expire, which only who decides on it can say (without a quorum that is of its own, and
 * those of all servers stand behind them), their ephemeral nodes, and the connections by when they would be taken for
 * dead.
 *
 * Its counts stand before what they count. So each part is about what there was when it began, of which the ids are
 * held until they are written, 8 bytes each.
 */
export function* dumpLines(view: ServerView): Generator<string> {
  yield 'SessionTracker dump:\n';
  yield* sessionLines(view);
  yield 'ephemeral nodes dump:\n';
  yield* ephemeralLines(view);
  yield 'Connections dump:\nConnections ';
  yield* setLines(view, connectionExpiries(view), String);
}

function* sessionLines(view: ServerView): Generator<string> {
  const { serverState } = view;
  const isReadOnly = serverState === 'read-only';
  if (isReadOnly || serverState === 'standalone' || serverState === 'leader') {
    yield isReadOnly ? 'Local Session ' : 'Session ';
    yield* setLines(view, [...view.sessionExpiries()], formatSessionId);
    if (!isReadOnly) return;
  }
  const sessions = BigInt64Array.from(view.sessions()).sort();
  yield `Global Sessions(${sessions.length}):\n`;
  // One that has ended meanwhile keeps its line.
  for (const id of sessions as Iterable<SessionId>)
    yield `${formatSessionId(id)}\t${view.sessionTimeoutMs(id)}ms\n`;
}

function* ephemeralLines(view: ServerView): Generator<string> {
  const owners = BigInt64Array.from(view.ephemeralOwners());
  yield `Sessions with Ephemerals (${owners.length}):\n`;
  for (const session of owners as Iterable<SessionId>) {
    yield `${formatSessionId(session)}:\n`;
    for (const path of Array.from(view.ephemeralsOf(session))) yield `\t${path}\n`;
  }
}

/**
 * Each is taken for dead when a tick ends in which its time since it was heard last is over. Their lines are made at
 * once, for one that has gone has no address: as many as connections are let in (`maxCnxns`).
 */
function connectionExpiries(view: ServerView): Bucket<string>[] {
  const { tickTimeMs, sessionlessTimeoutMs } = view.config;
  const buckets = new Map<number, string[]>();
  for (const connection of view.connections()) {
    const timeoutMs = connection.session?.timeoutMs ?? sessionlessTimeoutMs;
    const atMs = (Math.floor((connection.lastHeardMs + timeoutMs) / tickTimeMs) + 1) * tickTimeMs;
    const session = formatSessionId(connection.session?.sessionId ?? NO_SESSION);
    const line = `ip: ${socketAddress(connection)} sessionId: ${session}`;
    const bucket = buckets.get(atMs);
    if (bucket === undefined) buckets.set(atMs, [line]);
    else bucket.push(line);
  }
  return [...buckets].sort(([a], [b]) => a - b);
}

/** What expires when, monotonic ms. */
type Bucket<T> = readonly [number, readonly T[]];

function* setLines<T>(
  view: ServerView,
  buckets: readonly Bucket<T>[],
  format: (item: T) => string,
): Generator<string> {
  const count = buckets.reduce((sum, [, items]) => sum + items.length, 0);
  yield `Sets (${buckets.length})/(${count}):\n`;
  for (const [atMs, items] of buckets) {
    yield `${items.length} expire at ${javaDate(view.wallMsOf(atMs))}:\n`;
    for (const item of items) yield `\t${format(item)}\n`;
  }
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** As `java.util.Date` prints itself, in UTC. */
export function javaDate(wallMs: number): string {
  const date = new Date(wallMs);
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(twoDigits).join(':');
  const day = `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${twoDigits(date.getUTCDate())}`;
  return `${day} ${time} UTC ${date.getUTCFullYear()}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
