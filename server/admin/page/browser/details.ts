import { type Answer, askAdmin, listIn, numberIn, textIn } from './admin-api.ts';
import { byId, showNote, showTable } from './dom.ts';
import { formatLong } from './format.ts';

/** More rows than anybody reads; the commands have them all. */
const ROWS_MAX = 200;

/**
 * Lists that can be long are asked for by whoever wants to read them, and not again every second: the server has other
 * things to do.
 */
export function offerDetails(): void {
  offer('sessions', 'connections', showSessions);
  offer('watches', 'watches_by_path', showWatches);
}

function offer(id: string, command: string, show: (answer: Answer) => void): void {
  byId(`${id}-ask`).addEventListener('click', () => {
    askAdmin(command)
      .then(show)
      .catch((error: Error) => showNote(`${id}-list`, error.message, 'trouble'));
  });
}

function showSessions(answer: Answer): void {
  const connections = [...listIn(answer, 'connections'), ...listIn(answer, 'secure_connections')];
  showTable('sessions-list', {
    caption: shownOf(connections.length, 'connection', 'connections'),
    headings: ['Client', 'Session', 'Timeout, ms', 'Last', 'Waiting', 'Received', 'Latency, ms (mean, max)'],
    rows: connections
      .slice(0, ROWS_MAX)
      .map((connection) => [
        textIn(connection, 'remote_socket_address'),
        'session_id' in connection ? formatLong(textIn(connection, 'session_id')) : 'none',
        textIn(connection, 'session_timeout') || '–',
        textIn(connection, 'last_operation') || '–',
        textIn(connection, 'outstanding_requests'),
        textIn(connection, 'packets_received'),
        'session_id' in connection
          ? `${numberIn(connection, 'avg_latency')}, ${numberIn(connection, 'max_latency')}`
          : '–',
      ]),
  });
}

function showWatches(answer: Answer): void {
  const byPath = Object.entries(
    (answer['path_to_session_ids'] ?? {}) as Record<string, readonly (string | number)[]>,
  );
  if (byPath.length === 0) {
    showNote('watches-list', 'Nothing is watched.');
    return;
  }
  showTable('watches-list', {
    caption: shownOf(byPath.length, 'path with watches', 'paths with watches'),
    headings: ['Path', 'Sessions'],
    rows: byPath
      .slice(0, ROWS_MAX)
      .map(([path, sessions]) => [path, sessions.map((session) => formatLong(String(session))).join(' ')]),
  });
}

function shownOf(count: number, one: string, many: string): string {
  const all = `${count} ${count === 1 ? one : many}`;
  return count > ROWS_MAX ? `The first ${ROWS_MAX} of ${all}` : all;
}
