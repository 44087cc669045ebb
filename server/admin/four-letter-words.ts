import { formatSessionId } from '../base/session-id.ts';
import { formatZxid } from '../base/zxid.ts';
import { javaAddressText } from '../auth/ip.ts';
import { COMMAND_WORDS } from './command-words.ts';
import { environmentText } from './environment.ts';
import { javaDouble, monitorText } from './monitor.ts';
import type { ConnectionView, ServerView } from './server-view.ts';

/** Telnet's Ctrl-C. The connection is closed without an answer. */
export const TELNET_CLOSE_COMMAND = 0xfff4fffd;

/**
 * The word in the first four bytes of a connection, or `null`: then they are the length of a frame. As a length
 * every word is beyond any jute.maxbuffer, so nothing is ambiguous.
 */
export function fourLetterWord(firstInt: number): string | null {
  const bytes = [firstInt >>> 24, (firstInt >>> 16) & 0xff, (firstInt >>> 8) & 0xff, firstInt & 0xff];
  const word = String.fromCharCode(...bytes);
  return COMMAND_WORDS.has(word) ? word : null;
}

/**
 * Whether the operator allows `word`. `srvr` always is, whatever the list says, as in Apache, where zkServer.sh
 * lives on it.
 */
export function isWhitelisted(word: string, whitelist: readonly string[]): boolean {
  return word === 'srvr' || whitelist.includes('*') || whitelist.includes(word);
}

type Command = (view: ServerView) => string;

const NOT_SERVING = 'This ZooKeeper instance is not currently serving requests\n';

/** Words that answer without a database. */
const ALWAYS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['ruok', () => 'imok'],
  ['envi', environmentText],
  ['isro', (view) => (!view.isServing ? 'null' : isReadOnly(view) ? 'ro' : 'rw')],
]);

const SERVING: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['srvr', (view) => statText(view, '')],
  ['stat', (view) => statText(view, clientsText(view))],
  ['mntr', monitorText],
  ['conf', configurationText],
  ['cons', (view) => `${connectionLines(view, connectionDetails)}\n`],
  ['dirs', (view) => `datadir_size: ${view.dataDirSize()}\nlogdir_size: ${view.logDirSize()}\n`],
  ['crst', resetConnections],
  ['srst', resetServer],
]);

/**
 * The whole answer to `word`; the caller writes it, shuts down its side and lets the client read to the end, since
 * a plain close with unread input would make it a reset that cuts the answer.
 */
export function answerFourLetterWord(word: string, view: ServerView): string {
  if (!isWhitelisted(word, view.config.fourLetterWords)) {
    return `${word} is not executed because it is not in the whitelist.\n`;
  }
  const always = ALWAYS.get(word);
  if (always !== undefined) return always(view);
  const command = SERVING.get(word);
  if (command === undefined) return `${word} is not implemented by this server.\n`;
  return view.isServing ? command(view) : NOT_SERVING;
}

function isReadOnly(view: ServerView): boolean {
  return view.serverState === 'read-only';
}

function statText(view: ServerView, clients: string): string {
  const { stats } = view;
  const latency = `${stats.latency.min}/${javaDouble(stats.latency.average)}/${stats.latency.max}`;
  return (
    `Zookeeper version: ${view.config.versionLine}\n` +
    (isReadOnly(view) ? 'READ-ONLY mode; serving only read-only clients\n' : '') +
    clients +
    `Latency min/avg/max: ${latency}\n` +
    `Received: ${stats.packetsReceived}\n` +
    `Sent: ${stats.packetsSent}\n` +
    `Connections: ${view.connectionCount}\n` +
    `Outstanding: ${view.outstandingRequests}\n` +
    `Zxid: ${formatZxid(view.lastProcessedZxid)}\n` +
    `Mode: ${view.serverState}\n` +
    `Node count: ${view.tree.znodeCount}\n`
  );
}

function clientsText(view: ServerView): string {
  return `Clients:\n${connectionLines(view, () => '')}\n`;
}

function connectionLines(view: ServerView, details: (connection: ConnectionView) => string): string {
  let text = '';
  for (const connection of view.connections()) {
    const { queued, received, sent, interestOps } = connection;
    const address = socketAddress(connection);
    text += ` ${address}[${interestOps.toString(16)}](queued=${queued},recved=${received},sent=${sent}${details(connection)})\n`;
  }
  return text;
}

/** As Java 14 and later print it: `/127.0.0.1:2181`, `/[0:0:0:0:0:0:0:1]:2181`. */
function socketAddress(connection: ConnectionView): string {
  const host = javaAddressText(connection.remoteAddress);
  return `/${host.includes(':') ? `[${host}]` : host}:${connection.remotePort}`;
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

function configurationText(view: ServerView): string {
  const { config } = view;
  const lines: readonly (readonly [string, string | number])[] = [
    ['clientPort', view.clientPort],
    ['secureClientPort', -1],
    ['dataDir', view.snapDir],
    ['dataDirSize', view.dataDirSize()],
    ['dataLogDir', view.logDir],
    ['dataLogSize', view.logDirSize()],
    ['tickTime', config.tickTimeMs],
    ['maxClientCnxns', config.maxClientCnxns],
    ['minSessionTimeout', config.minSessionTimeoutMs],
    ['maxSessionTimeout', config.maxSessionTimeoutMs],
    ['clientPortListenBacklog', config.clientPortListenBacklog],
    ['serverId', view.serverId],
  ];
  return lines.map(([key, value]) => `${key}=${value}\n`).join('');
}

function resetConnections(view: ServerView): string {
  for (const connection of view.connections()) connection.resetStats();
  return 'Connection stats reset.\n';
}

function resetServer(view: ServerView): string {
  view.stats.reset();
  return 'Server stats reset.\n';
}
