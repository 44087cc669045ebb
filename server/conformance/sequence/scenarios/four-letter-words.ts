import { exchange } from '../connection.ts';
import * as op from '../operations.ts';
import { Peer, type Run } from '../peer.ts';

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** Keys of `mntr` that monitoring relies on; a server may have more. */
const MNTR_KEYS = [
  'zk_version',
  'zk_server_state',
  'zk_avg_latency',
  'zk_max_latency',
  'zk_min_latency',
  'zk_packets_received',
  'zk_packets_sent',
  'zk_num_alive_connections',
  'zk_outstanding_requests',
  'zk_znode_count',
  'zk_watch_count',
  'zk_ephemerals_count',
  'zk_approximate_data_size',
  'zk_open_file_descriptor_count',
  'zk_max_file_descriptor_count',
];
/** Of those, the ones whose value the sequence determines. */
const MNTR_EXACT = new Set(['zk_server_state', 'zk_znode_count', 'zk_watch_count', 'zk_ephemerals_count']);

/** The administrator's words on the client port (protocol §6.1): the wording scripts look for. */
export async function fourLetterWords(run: Run): Promise<void> {
  const a = await watcherWithAnEphemeral(run, '/word');
  for (const word of ['ruok', 'isro', 'srst', 'crst', 'ruok\n']) await say(run, word, (text) => text);
  await say(run, 'srvr', shapeOf);
  await say(run, 'stat', shapeOf);
  await say(run, 'mntr', selectedKeys);
  await say(run, 'conf', (text) => text.replace(/=.*/g, '='));
  await leave(a);
}

/** Those that show watches and sessions. */
export async function debugWords(run: Run): Promise<void> {
  const a = await watcherWithAnEphemeral(run, '/debug');
  for (const word of ['wchs', 'wchp', 'wchc']) await say(run, word, (text) => text);
  await say(run, 'dump', withoutTimes);
  await leave(a);
}

async function watcherWithAnEphemeral(run: Run, path: string): Promise<Peer> {
  const a = await Peer.connect(run, 'A');
  await a.call(op.create(path));
  await a.call(op.getData(path, true));
  await a.call(op.create(`${path}/eph`, '', { flags: op.Flags.ephemeral }));
  return a;
}

async function leave(a: Peer): Promise<void> {
  await a.call(op.closeSession);
  await a.untilClosed();
}

async function say(run: Run, word: string, shape: (text: string) => string): Promise<void> {
  const step = run.transcript.begin(`- says ${JSON.stringify(word)}`);
  const answer = await exchange(run.address, latin1(word));
  const text = run.transcript.nameSessionsIn(shape(answer));
  for (const line of text.split('\n')) run.transcript.observe(step, `|${line}`);
}

/** The lines' labels, and those values that the sequence determines. */
function shapeOf(text: string): string {
  return text
    .split('\n')
    .map((line) => {
      if (/^(Mode|Node count|Outstanding):/.test(line)) return line;
      if (line.startsWith(' /')) return ' /<client>';
      return line.replace(/:.*/, ': ...');
    })
    .join('\n');
}

/**
 * `dump` without the buckets that are empty and the times at which they are due, and without the connections:
 * one of an earlier scenario may not have been closed yet.
 */
function withoutTimes(text: string): string {
  return text
    .replace(/Connections dump:[^]*/, '')
    .split('\n')
    .filter((line) => !line.startsWith('0 expire at'))
    .map((line) => line.replace(/expire at .*/, 'expire at ...').replace(/Sets \(.*/, 'Sets ...'))
    .join('\n');
}

function selectedKeys(text: string): string {
  const values = new Map(
    text.split('\n').map((line) => {
      const [key, ...value] = line.split('\t');
      return [key, value.join('\t')];
    }),
  );
  return MNTR_KEYS.map((key) => {
    if (!values.has(key)) return `${key} is missing`;
    return `${key}\t${MNTR_EXACT.has(key) ? values.get(key) : '...'}`;
  }).join('\n');
}
