import { javaAddressText } from '../auth/ip.ts';
import { formatSessionId } from '../base/session-id.ts';
import { formatZxid } from '../base/zxid.ts';
import type { ConnectionView, ServerView } from './server-view.ts';
import type { WordLines } from './word-pieces.ts';

/** The part of `stat` that lists the clients. */
export function* clientsLines(view: ServerView): Generator<string> {
  yield 'Clients:\n';
  yield* connectionLines(view, () => '');
}

/** `cons` */
export function connectionsLines(view: ServerView): Generator<string> {
  return connectionLines(view, connectionDetails);
}

/** `crst` */
export function resetConnections(view: ServerView): WordLines {
  for (const connection of view.connections()) connection.resetStats();
  return ['Connection stats reset.\n'];
}

/** As Java 14 and later print it: `/127.0.0.1:2181`, `/[0:0:0:0:0:0:0:1]:2181`. */
export function socketAddress(connection: ConnectionView): string {
  const host = javaAddressText(connection.remoteAddress);
  return `/${host.includes(':') ? `[${host}]` : host}:${connection.remotePort}`;
}

function* connectionLines(
  view: ServerView,
  details: (connection: ConnectionView) => string,
): Generator<string> {
  for (const connection of view.connections()) {
    const { queued, received, sent, interestOps } = connection;
    const address = socketAddress(connection);
    yield ` ${address}[${interestOps.toString(16)}](queued=${queued},recved=${received},sent=${sent}${details(connection)})\n`;
  }
  yield '\n';
}

function connectionDetails({ session }: ConnectionView): string {
  if (session === null) return '';
  return (
    `,sid=${formatSessionId(session.sessionId)},lop=${session.lastOperation},est=${session.establishedMs}` +
    `,to=${session.timeoutMs}${session.lastCxid < 0 ? '' : `,lcxid=0x${session.lastCxid.toString(16)}`}` +
    `,lzxid=${formatZxid(session.lastZxid)},lresp=${session.lastResponseMs},llat=${session.lastLatencyMs}` +
    `,minlat=${session.minLatencyMs},avglat=${Math.floor(session.averageLatencyMs)},maxlat=${session.maxLatencyMs}`
  );
}
