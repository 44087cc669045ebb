import { formatSessionId, NO_SESSION } from '../base/session-id.ts';
import { socketAddress } from './connection-words.ts';
import type { ServerView } from './server-view.ts';
import { WordText } from './word-text.ts';

/**
 * `dump`: sessions by when they expire, which only who decides on it can say (without a quorum that is of its own, and
 * those of all servers stand behind them), their ephemeral nodes, and the connections by when they would be taken for
 * dead.
 */
export function dumpText(view: ServerView): string {
  const text = new WordText();
  text.addAll(dumpLines(view));
  return text.toString();
}

function* dumpLines(view: ServerView): Iterable<string> {
  yield 'SessionTracker dump:\n';
  yield* sessionLines(view);
  yield 'ephemeral nodes dump:\n';
  yield* ephemeralLines(view);
  yield 'Connections dump:\nConnections ';
  yield* setLines(view, connectionExpiries(view));
}

function* sessionLines(view: ServerView): Iterable<string> {
  const { serverState } = view;
  const isReadOnly = serverState === 'read-only';
  if (isReadOnly || serverState === 'standalone' || serverState === 'leader') {
    const buckets = [...view.sessionExpiries()].map(
      ([atMs, sessions]) => [atMs, sessions.map(formatSessionId)] as const,
    );
    yield isReadOnly ? 'Local Session ' : 'Session ';
    yield* setLines(view, buckets);
    if (!isReadOnly) return;
  }
  const sessions = [...view.sessions()].sort(([a], [b]) => (a < b ? -1 : 1));
  yield `Global Sessions(${sessions.length}):\n`;
  for (const [id, timeoutMs] of sessions) yield `${formatSessionId(id)}\t${timeoutMs}ms\n`;
}

function* ephemeralLines(view: ServerView): Iterable<string> {
  const owners = [...view.ephemerals()];
  yield `Sessions with Ephemerals (${owners.length}):\n`;
  for (const [session, paths] of owners) {
    yield `${formatSessionId(session)}:\n`;
    for (const path of paths) yield `\t${path}\n`;
  }
}

/** Each is taken for dead when a tick ends in which its time since it was heard last is over. */
function connectionExpiries(view: ServerView): (readonly [number, readonly string[]])[] {
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

function* setLines(
  view: ServerView,
  buckets: readonly (readonly [number, readonly string[]])[],
): Iterable<string> {
  const count = buckets.reduce((sum, [, items]) => sum + items.length, 0);
  yield `Sets (${buckets.length})/(${count}):\n`;
  for (const [atMs, items] of buckets) {
    yield `${items.length} expire at ${javaDate(view.wallMsOf(atMs))}:\n`;
    for (const item of items) yield `\t${item}\n`;
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
