import { formatZxid } from '../base/zxid.ts';
import { COMMAND_WORDS } from './command-words.ts';
import { configurationText } from './configuration.ts';
import { clientsLines, connectionsLines, resetConnections } from './connection-words.ts';
import { dumpLines } from './dump.ts';
import { environmentText } from './environment.ts';
import { javaDouble } from './java-double.ts';
import { monitorText } from './monitor.ts';
import type { ServerView } from './server-view.ts';
import { watchesByPathLines, watchesBySessionLines, watchSummaryLines } from './watch-words.ts';
import type { WordLines } from './word-pieces.ts';

/** Telnet's Ctrl-C. The connection is closed without an answer. */
export const TELNET_CLOSE_COMMAND = 0xfff4fffd;

/** `stmk` is followed by the mask, a long. */
const TRACE_MASK_BYTES = 8;

/**
 * The word in the first four bytes of a connection, or `null`: then they are the length of a frame. As a length
 * every word is beyond any jute.maxbuffer, so nothing is ambiguous.
 */
export function fourLetterWord(firstInt: number): string | null {
  const bytes = [firstInt >>> 24, (firstInt >>> 16) & 0xff, (firstInt >>> 8) & 0xff, firstInt & 0xff];
  const word = String.fromCharCode(...bytes);
  return COMMAND_WORDS.has(word) ? word : null;
}

/** How many bytes belong to the word behind its four letters. */
export function argumentBytesOf(word: string): number {
  return word === 'stmk' ? TRACE_MASK_BYTES : 0;
}

/**
 * Whether the operator allows `word`. `srvr` always is, whatever the list says, as in Apache, where zkServer.sh
 * lives on it.
 */
export function isWhitelisted(word: string, whitelist: readonly string[]): boolean {
  return word === 'srvr' || whitelist.includes('*') || whitelist.includes(word);
}

type Command = (view: ServerView, argument: DataView) => WordLines;

const NOT_SERVING = 'This ZooKeeper instance is not currently serving requests';
const NO_ARGUMENT = new DataView(new ArrayBuffer(TRACE_MASK_BYTES));

/** Words that answer without a database. */
const ALWAYS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['ruok', () => ['imok']],
  ['envi', (view) => [environmentText(view)]],
  ['isro', (view) => [!view.isServing ? 'null' : isReadOnly(view) ? 'ro' : 'rw']],
  ['gtmk', (view) => [String(view.stats.traceMask)]],
  ['stmk', (view, argument) => [String((view.stats.traceMask = argument.getBigInt64(0)))]],
]);

const SERVING: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['srvr', (view) => statLines(view, [])],
  ['stat', (view) => statLines(view, clientsLines(view))],
  ['mntr', (view) => [monitorText(view)]],
  ['conf', (view) => [configurationText(view)]],
  ['cons', connectionsLines],
  ['dirs', (view) => [`datadir_size: ${view.dataDirSize()}\nlogdir_size: ${view.logDirSize()}\n`]],
  ['crst', resetConnections],
  ['srst', resetServer],
  ['wchs', watchSummaryLines],
  ['wchp', watchesByPathLines],
  ['wchc', watchesBySessionLines],
  ['dump', dumpLines],
  ['hash', digestsLines],
]);

/**
 * The answer to `word`, of which there can be any amount: it is made as it is asked for, and what changes meanwhile may
 * or may not be in it. The caller writes it, shuts down its side and lets the client read to the end, since
 * a plain close with unread input would make it a reset that cuts the answer.
 */
export function answerFourLetterWord(
  word: string,
  view: ServerView,
  argument: DataView = NO_ARGUMENT,
): WordLines {
  if (!isWhitelisted(word, view.config.fourLetterWords)) {
    return [`${word} is not executed because it is not in the whitelist.\n`];
  }
  const command = ALWAYS.get(word) ?? (view.isServing ? SERVING.get(word) : undefined);
  if (command !== undefined) return command(view, argument);
  return [word === 'hash' ? NOT_SERVING : `${NOT_SERVING}\n`];
}

function isReadOnly(view: ServerView): boolean {
  return view.serverState === 'read-only';
}

function* statLines(view: ServerView, clients: WordLines): Generator<string> {
  yield `Zookeeper version: ${view.config.versionLine}\n`;
  if (isReadOnly(view)) yield 'READ-ONLY mode; serving only read-only clients\n';
  yield* clients;
  const { stats } = view;
  const latency = `${stats.latency.min}/${javaDouble(stats.latency.average)}/${stats.latency.max}`;
  const proposals = view.leading?.proposalSizes;
  yield (
    `Latency min/avg/max: ${latency}\n` +
    `Received: ${stats.packetsReceived}\n` +
    `Sent: ${stats.packetsSent}\n` +
    `Connections: ${view.connectionCount}\n` +
    `Outstanding: ${view.outstandingRequests}\n` +
    `Zxid: ${formatZxid(view.lastProcessedZxid)}\n` +
    `Mode: ${view.serverState}\n` +
    `Node count: ${view.tree.znodeCount}\n`
  );
  if (proposals === undefined) return;
  yield `Proposal sizes last/min/max: ${proposals.last}/${proposals.min}/${proposals.max}\n`;
}

/** The tree's digest as it was at every 128th zxid of late, a signed long as in Apache. */
function* digestsLines(view: ServerView): Generator<string> {
  for (const { zxid, digest } of Array.from(view.digests())) {
    yield `${zxid.toString(16)}: ${BigInt.asIntN(64, digest)}\n`;
  }
}

function resetServer(view: ServerView): WordLines {
  view.stats.reset();
  return ['Server stats reset.\n'];
}
