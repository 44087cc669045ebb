import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import t from 'tap';
import type { SessionId } from '../base/session-id.ts';
import { COMMAND_WORDS } from './command-words.ts';
import { answerFourLetterWord, argumentBytesOf, fourLetterWord } from './four-letter-words.ts';
import { ServerStats } from './server-stats.ts';
import type { ConnectionView, ServerView } from './server-view.ts';
import { busyStats, connection, makeView, OTHER, SESSION } from './testing/sample-view.ts';
import { PIECE_LENGTH, piecesOf } from './word-pieces.ts';

// The servers' answers were recorded from Apache 3.8.0, standalone, a session of node-zookeeper-client having made
// seven ephemeral nodes and read the root twice.
function recorded(word: string): string {
  const file = `../../../server/admin/testdata/apache-3.8.0/${word}.txt`;
  return readFileSync(new URL(file, import.meta.url), 'utf8');
}

/** The whole answer. */
function answerOf(word: string, view: ServerView, argument?: DataView): string {
  return [...answerFourLetterWord(word, view, argument)].join('');
}

await t.test('srvr and conf are Apache’s, byte for byte', async (t) => {
  t.equal(answerOf('srvr', makeView()), recorded('srvr'));
  t.equal(answerOf('conf', makeView()), recorded('conf'));
});

await t.test('stat is Apache’s, byte for byte, once the packet of stat itself is counted', async (t) => {
  const stats = busyStats();
  stats.packetsReceived++;
  stats.packetsSent++;
  t.equal(answerOf('stat', makeView({ stats })), recorded('stat'));
});

await t.test('cons is Apache’s, byte for byte, its connections in any order', async (t) => {
  const view = makeView({ connections: () => [connection(38_856, SESSION), connection(38_884, null)] });
  t.equal(answerOf('cons', view), recorded('cons'));
  const fresh = makeView({ connections: () => [connection(1, { ...SESSION, lastCxid: -1 })] });
  t.match(answerOf('cons', fresh), /to=10000,lzxid=/);
});

function monitorLines(text: string): Map<string, string> {
  t.match(text, /\n$/);
  return new Map(
    text
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t') as [string, string]),
  );
}

await t.test(
  'mntr has only keys that Apache has, version and state first, numbers in the same form',
  async (t) => {
    const ours = monitorLines(answerOf('mntr', makeView()));
    const apache = monitorLines(recorded('mntr'));
    t.same([...ours.keys()].slice(0, 2), ['zk_version', 'zk_server_state']);
    t.ok(ours.size > 35);
    for (const [key, value] of ours) {
      t.ok(apache.has(key), key);
      if (key === 'zk_version') continue;
      t.equal(value.includes('.'), apache.get(key)?.includes('.'), `${key} ${value}`);
    }
  },
);

await t.test('mntr agrees with Apache on what the same requests lead to', async (t) => {
  const ours = monitorLines(answerOf('mntr', makeView()));
  const apache = monitorLines(recorded('mntr'));
  const same = ['version', 'server_state', 'znode_count', 'watch_count', 'ephemerals_count', 'max_latency'];
  same.push('approximate_data_size', 'global_sessions', 'local_sessions', 'uptime', 'avg_updatelatency');
  same.push(
    'cnt_updatelatency',
    'p50_updatelatency',
    'p999_updatelatency',
    'avg_readlatency',
    'p99_readlatency',
  );
  for (const key of same) t.equal(ours.get(`zk_${key}`), apache.get(`zk_${key}`), key);
});

await t.test(
  'mntr prints a counter or summary from the moment something feeds it, and not before',
  async (t) => {
    const stats = new ServerStats();
    const view = makeView({ stats, fileDescriptors: () => null });
    t.notMatch(answerOf('mntr', view), /dbinittime|connection_rejected|file_descriptor/);
    stats.summary('dbinittime').add(3);
    stats.counter('connection_rejected').value++;
    const lines = monitorLines(answerOf('mntr', view));
    t.equal(lines.get('zk_avg_dbinittime'), '3.0');
    t.equal(lines.get('zk_connection_rejected'), '1');
    t.notOk(lines.has('zk_p50_dbinittime'), 'a BASIC summary has no percentiles');
    t.equal(lines.get('zk_max_client_response_size'), '-1');
  },
);

await t.test('ruok and isro answer exactly, without a line end', async (t) => {
  t.equal(answerOf('ruok', makeView()), 'imok');
  t.equal(answerOf('isro', makeView()), 'rw');
  t.equal(answerOf('isro', makeView({ serverState: 'read-only' })), 'ro');
});

function refused(word: string): string {
  return `${word} is not executed because it is not in the whitelist.\n`;
}

await t.test('only srvr is allowed by default, it always is, and the refusal is Apache’s', async (t) => {
  for (const whitelist of ['srvr', 'mntr, ruok ,', '']) {
    const view = makeView({ whitelist });
    t.match(answerOf('srvr', view), /^Zookeeper version: /, whitelist);
    t.equal(answerOf('stat', view), refused('stat'), whitelist);
  }
  t.equal(answerOf('ruok', makeView({ whitelist: 'mntr, ruok ,' })), 'imok');
  t.equal(answerOf('ruok', makeView({ whitelist: 'srvr' })), refused('ruok'));
});

await t.test('a server without a database says so, but still answers ruok and isro', async (t) => {
  const view = makeView({ isServing: false });
  const sentence = 'This ZooKeeper instance is not currently serving requests\n';
  for (const word of ['srvr', 'stat', 'mntr', 'conf']) t.equal(answerOf(word, view), sentence);
  t.equal(answerOf('ruok', view), 'imok');
  t.equal(answerOf('isro', view), 'null');
});

await t.test('srst and crst reset what they are named for', async (t) => {
  const stats = busyStats();
  const reset: number[] = [];
  const view = makeView({
    stats,
    connections: () => [{ ...connection(1, null), resetStats: () => reset.push(1) }],
  });
  t.equal(answerOf('crst', view), 'Connection stats reset.\n');
  t.same(reset, [1]);
  t.equal(answerOf('srst', view), 'Server stats reset.\n');
  t.match(answerOf('srvr', view), 'Latency min/avg/max: 0/0.0/0\nReceived: 0\nSent: 0\n');
});

await t.test('a word is told from the length of a frame', async (t) => {
  t.equal(fourLetterWord(0x72756f6b), 'ruok');
  t.equal(fourLetterWord(0x72756f6c), null);
  t.equal(fourLetterWord(45), null);
});

await t.test('watches, by path and by session', async (t) => {
  t.equal(answerOf('wchs', makeView()), '2 connections watching 2 paths\nTotal watches:3\n');
  t.equal(
    answerOf('wchp', makeView()),
    '/a\n\t0x10000242d980000\n\t0xf0000242d9800001\n/b\n\t0xf0000242d9800001\n\n',
  );
  t.equal(answerOf('wchc', makeView()), '0x10000242d980000\n\t/a\n0xf0000242d9800001\n\t/a\n\t/b\n\n');
});

const DUMP_ENDS = [
  'ephemeral nodes dump:',
  'Sessions with Ephemerals (1):',
  '0xf0000242d9800001:',
  '\t/a/e',
  '\t/b/e',
  'Connections dump:',
  'Connections Sets (1)/(2):',
  '2 expire at Fri Jan 02 03:04:16 UTC 2026:',
  '\tip: /127.0.0.1:38868 sessionId: 0x0',
  '\tip: /127.0.0.1:38856 sessionId: 0x10000242d980000',
  '',
];

await t.test('dump of who decides when sessions expire', async (t) => {
  t.same(answerOf('dump', makeView()).split('\n'), [
    'SessionTracker dump:',
    'Session Sets (2)/(2):',
    '1 expire at Fri Jan 02 03:04:07 UTC 2026:',
    '\t0xf0000242d9800001',
    '1 expire at Fri Jan 02 03:04:16 UTC 2026:',
    '\t0x10000242d980000',
    ...DUMP_ENDS,
  ]);
});

await t.test('dump of who does not', async (t) => {
  t.same(answerOf('dump', makeView({ serverState: 'follower' })).split('\n'), [
    'SessionTracker dump:',
    'Global Sessions(2):',
    '0xf0000242d9800001\t4000ms',
    '0x10000242d980000\t10000ms',
    ...DUMP_ENDS,
  ]);
});

await t.test('dump of who serves without a quorum has its own sessions apart, as Apache’s', async (t) => {
  t.same(answerOf('dump', makeView({ serverState: 'read-only' })).split('\n'), [
    'SessionTracker dump:',
    'Local Session Sets (2)/(2):',
    '1 expire at Fri Jan 02 03:04:07 UTC 2026:',
    '\t0xf0000242d9800001',
    '1 expire at Fri Jan 02 03:04:16 UTC 2026:',
    '\t0x10000242d980000',
    'Global Sessions(2):',
    '0xf0000242d9800001\t4000ms',
    '0x10000242d980000\t10000ms',
    ...DUMP_ENDS,
  ]);
});

await t.test('hash lists digests as signed longs', async (t) => {
  t.equal(answerOf('hash', makeView()), '100000080: 5\n100000100: -1\n');
  t.equal(
    answerOf('hash', makeView({ isServing: false })),
    'This ZooKeeper instance is not currently serving requests',
  );
});

await t.test('the trace mask is Apache’s until somebody sets another', async (t) => {
  const view = makeView({ isServing: false });
  t.equal(answerOf('gtmk', view), '306');
  const mask = new DataView(new ArrayBuffer(8));
  mask.setBigInt64(0, -2n);
  t.equal(argumentBytesOf('stmk'), 8);
  t.equal(answerOf('stmk', view, mask), '-2');
  t.equal(answerOf('gtmk', view), '-2');
});

await t.test('every word that is known has an answer', async (t) => {
  for (const word of COMMAND_WORDS) t.not(answerOf(word, makeView()), '', word);
});

const ENSEMBLE = [
  'initLimit=10',
  'syncLimit=4',
  'server.1=127.0.0.1:2888:3888',
  'server.2=127.0.0.1:2889:3889',
  'server.3=127.0.0.1:2890:3890:observer',
];

await t.test('a leader tells of its ensemble', async (t) => {
  const leading = {
    proposalSizes: { last: 40, min: 36, max: 90 },
    learnerCount: 2,
    syncedFollowerCount: 1,
    syncedNonVoterCount: 1,
    syncedObserverCount: 1,
    observers: [],
    pendingSyncCount: 3,
    leadingForMs: 1234.5,
  };
  const view = makeView({
    serverState: 'leader',
    peerState: 'leading - broadcast',
    leading,
    more: ENSEMBLE,
  });
  t.match(answerOf('srvr', view), /\nNode count: 12\nProposal sizes last\/min\/max: 40\/36\/90\n$/);
  const lines = monitorLines(answerOf('mntr', view));
  t.same([...lines.keys()].slice(0, 3), ['zk_version', 'zk_server_state', 'zk_peer_state']);
  for (const [key, value] of [
    ['quorum_size', 2],
    ['learners', 2],
    ['synced_followers', 1],
    ['synced_non_voting_followers', 1],
    ['synced_observers', 1],
    ['pending_syncs', 3],
    ['leader_uptime', 1234],
    ['last_proposal_size', 40],
    ['min_proposal_size', 36],
    ['max_proposal_size', 90],
  ] as const) {
    t.equal(lines.get(`zk_${key}`), String(value), key);
  }
  t.match(
    answerOf('conf', view),
    /serverId=0\ninitLimit=10\nsyncLimit=4\nelectionAlg=3\nelectionPort=3889\nquorumPort=2889\npeerType=0\nmembership: \nserver\.1=.*\n.*\n.*\nversion=0$/,
  );
  const follower = makeView({ serverState: 'follower', peerState: 'following - broadcast', more: ENSEMBLE });
  t.notMatch(answerOf('mntr', follower), /zk_learners/);
  t.notMatch(answerOf('srvr', follower), /Proposal/);
});

/** A view with so many watches, sessions, ephemeral nodes and connections, and how many of them were looked at. */
function crowdedView(count: number): { readonly view: ServerView; readonly lookedAt: () => number } {
  let asked = 0;
  function* ids(): Generator<SessionId> {
    for (let i = 1n; i <= count; i++) yield i as SessionId;
  }
  function* paths(): Generator<string> {
    for (let i = 0; i < count; i++) {
      asked++;
      yield `/zoo/${i}/keeper`;
    }
  }
  function* byPath(): Generator<readonly [string, readonly SessionId[]]> {
    for (const path of paths()) yield [path, [OTHER]];
  }
  function* connections(): Generator<ConnectionView> {
    for (let port = 0; port < count; port++) {
      asked++;
      yield connection(port, SESSION);
    }
  }
  const { watches } = makeView();
  const view = makeView({
    serverState: 'follower',
    watches: { ...watches, byPath, bySession: () => [[OTHER, paths()]] },
    connections,
    sessions: ids,
    sessionTimeoutMs: () => {
      asked++;
      return 4000;
    },
    ephemeralOwners: ids,
  });
  return { view, lookedAt: () => asked };
}

await t.test(
  'of an answer, however long, a piece is made at a time, and together they are all of it',
  async (t) => {
    const crowd = new Map([
      ['wchp', 1_000_000],
      ['wchc', 1_000_000],
      ['cons', 100_000],
      ['stat', 100_000],
      ['dump', 20_000],
    ]);
    for (const [word, count] of crowd) {
      const { view, lookedAt } = crowdedView(count);
      const whole = createHash('sha256');
      for (const line of answerFourLetterWord(word, view)) whole.update(line);
      const before = lookedAt();
      const inPieces = createHash('sha256');
      let longest = 0;
      let inFirst = -1;
      for (const piece of piecesOf(answerFourLetterWord(word, view))) {
        if (inFirst < 0) inFirst = lookedAt() - before;
        longest = Math.max(longest, piece.length);
        inPieces.update(piece);
      }
      t.equal(inPieces.digest('hex'), whole.digest('hex'), word);
      t.ok(longest < PIECE_LENGTH + 500, `${word}: a piece of ${longest} bytes`);
      t.ok(inFirst < PIECE_LENGTH / 10, `${word}: ${inFirst} looked at for the first`);
    }
  },
);

await t.test('what ends between two pieces does not break what was counted before', async (t) => {
  const alive = new Set([1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n] as SessionId[]);
  const view = makeView({
    serverState: 'follower',
    sessions: () => alive,
    sessionTimeoutMs: (session) => (alive.has(session) ? 4000 : 0),
    ephemeralOwners: () => alive,
    ephemeralsOf: (session) => (alive.has(session) ? ['/e'] : []),
  });
  const lines: string[] = [];
  for (const line of answerFourLetterWord('dump', view)) {
    lines.push(line);
    for (const [seen, gone, come] of [
      ['0x2\t4000ms\n', 5n, 9n],
      ['0x3:\n', 6n, 10n],
    ] as const) {
      if (line !== seen) continue;
      alive.delete(gone as SessionId);
      alive.add(come as SessionId);
    }
  }
  const text = lines.join('');
  for (const [, kind = '', count] of text.matchAll(
    /(Global Sessions|Sessions with Ephemerals) ?\((\d+)\)/g,
  )) {
    const line = kind === 'Global Sessions' ? /^0x\w+\t\d+ms$/gm : /^0x\w+:$/gm;
    t.equal(text.match(line)?.length, Number(count), kind);
  }
  t.match(text, /\n0x5\t0ms\n/, 'one that has ended keeps its line');
});
