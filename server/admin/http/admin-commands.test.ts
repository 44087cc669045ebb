import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import type { ServerView } from '../server-view.ts';
import { makeView, SESSION } from '../testing/sample-view.ts';
import { ADMIN_COMMAND_NAMES, answerAdminCommand } from './admin-commands.ts';
import { Double, Entries, jsonText } from './json-text.ts';

// Recorded from the AdminServer of Apache 3.8.0, standalone, with one session, an ephemeral node and two watches.
const RECORDED = new URL('../../../../server/admin/testdata/apache-3.8.0/admin/', import.meta.url);

/** What a JVM alone has, or 3.8.0 does not have. */
const APART = new Set(['environment', 'monitor', 'nosuch']);
/** Here there are some. */
const EMPTY_THERE = new Set(['hash']);

function answerOf(name: string, view: ServerView, query = ''): string {
  return [...jsonText(answerAdminCommand(name, view, new URLSearchParams(query)))].join('');
}

/** Names, order and types; of an object that is a list of things by their ids only what these are. */
function shapeOf(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map((item) => shapeOf(item));
  if (typeof value !== 'object' || value === null) return typeof value;
  const entries = Object.entries(value);
  if (/_to_/.test(name)) return entries.slice(0, 1).map(([, item]) => shapeOf(item));
  return entries.map(([key, item]) => [key, shapeOf(item, key)]);
}

await t.test('every answer has the fields of Apache’s, in its order', async (t) => {
  const view = makeView({ connections: () => [...makeView().connections()].slice(1) });
  for (const file of readdirSync(RECORDED)) {
    const name = file.replace('.json', '');
    if (APART.has(name) || EMPTY_THERE.has(name)) continue;
    const recorded = readFileSync(new URL(file, RECORDED), 'utf8');
    const answer = answerOf(name, view, 'traceMask=5');
    t.same(shapeOf(JSON.parse(answer)), shapeOf(JSON.parse(recorded)), name);
    // Where nothing is measured, byte for byte.
    if (/^(ruok|leader|is_read_only|set_trace_mask|stat_reset|observer|voting|zabstate)/.test(name))
      t.equal(answer, recorded.trimEnd(), name);
  }
});

await t.test('monitor has what mntr has, under Apache’s names', async (t) => {
  const recorded = JSON.parse(readFileSync(new URL('monitor.json', RECORDED), 'utf8')) as object;
  const names = Object.keys(JSON.parse(answerOf('monitor', makeView())) as object);
  t.same(
    names.filter((name) => !(name in recorded)),
    [],
  );
  t.ok(names.length > 40);
});

await t.test('connections over TLS are listed for themselves', async (t) => {
  const [plain, other] = [...makeView().connections()];
  t.ok(plain !== undefined && other !== undefined);
  const view = makeView({
    connections: () => (plain && other ? [plain, { ...other, isSecure: true }] : []),
  });
  const { connections, secure_connections: secure } = JSON.parse(answerOf('connections', view)) as {
    connections: { remote_socket_address: string }[];
    secure_connections: { remote_socket_address: string }[];
  };
  t.same(
    [connections, secure].map((list) => list.map((one) => one.remote_socket_address)),
    [['127.0.0.1:38868'], ['127.0.0.1:38856']],
  );
});

await t.test('a long is written as the number it is, and a double with its point', async (t) => {
  t.match(answerOf('connections', makeView()), `"session_id" : ${SESSION.sessionId},`);
  t.match(answerOf('server_stats', makeView()), /"avg_latency" : \d+\.\d+,/);
});

await t.test('other names are the same, and what there is not is said to be unknown', async (t) => {
  t.equal(answerOf('srvr', makeView()), answerOf('server_stats', makeView()));
  t.equal(answerOf('nosuch', makeView()), readFileSync(new URL('nosuch.json', RECORDED), 'utf8').trimEnd());
  t.equal(answerOf('constructor', makeView()).includes('Unknown command'), true);
  t.ok(ADMIN_COMMAND_NAMES.includes('server_stats'));
});

await t.test('who serves nobody says so, and what it knows all the same', async (t) => {
  const view = makeView({ isServing: false });
  t.match(answerOf('stats', view), /"error" : "This ZooKeeper instance is not currently serving requests"/);
  t.match(answerOf('ruok', view), /"error" : null/);
});

await t.test('of an ensemble it says who leads, who votes and how far it is', async (t) => {
  const more = [
    'initLimit=5',
    'syncLimit=2',
    'server.1=a:1:2;3',
    'server.2=b:1:2',
    'server.3=c:1:2:observer',
  ];
  const view = makeView({
    more,
    leaderId: 2,
    peerState: 'following - broadcast',
    serverId: 2,
  });
  t.match(JSON.parse(answerOf('leader', view)), {
    is_leader: false,
    leader_id: 2,
    leader_ip: 'b',
    error: null,
  });
  t.match(JSON.parse(answerOf('voting_view', view)), {
    current_config: {
      1: {
        server_addresses: ['a:1'],
        election_addresses: ['a:2'],
        client_address: /^a?.*:3$/,
        learner_type: 'PARTICIPANT',
      },
    },
  });
  t.same(
    Object.keys((JSON.parse(answerOf('voting_view', view)) as { current_config: object }).current_config),
    ['1', '2'],
  );
  t.match(JSON.parse(answerOf('zabstate', view)), { voting: true, last_zxid: '0x8', zabstate: 'broadcast' });
});

await t.test(
  'the overview knows who leads and who observes, also while there is nobody to serve',
  async (t) => {
    const more = [
      'initLimit=5',
      'syncLimit=2',
      'server.1=a:1:2;3',
      'server.2=b:1:2',
      'server.3=c:1:2:observer',
    ];
    const rolesIn = (overrides: Partial<ServerView>): unknown => {
      const view = makeView({ more, serverId: 2, ...overrides });
      const answer = JSON.parse(answerOf('overview', view)) as { members: { role: string }[] };
      t.match(answer, { server_id: 2, is_serving: view.isServing, last_zxid: '0x8', error: null });
      return answer.members.map(({ role }) => role);
    };
    t.same(rolesIn({ leaderId: 2 }), ['follower', 'leader', 'observer']);
    t.same(rolesIn({ leaderId: null, isServing: false }), [
      'unknown, no leader',
      'unknown, no leader',
      'observer',
    ]);
    t.match(JSON.parse(answerOf('overview', makeView())), { members: [], server_state: 'standalone' });
  },
);

await t.test('no secret is in the configuration that it shows', async (t) => {
  const view = makeView({
    more: ['DigestAuthenticationProvider.superDigest=super:abcd', 'ssl.keyStore.password = s3cret'],
  });
  const text = answerOf('initial_configuration', view);
  t.match(text, /superDigest=\*\*\*/);
  t.notMatch(text, /abcd|s3cret/);
  t.match(text, 'tickTime=500');
});

await t.test('JSON is laid out as Jackson does it', async (t) => {
  const value = { a: [], b: {}, c: [1, { d: 'x"\n' }], e: new Double(2), f: new Entries([['g', null]]) };
  t.equal(
    [...jsonText(value)].join(''),
    '{\n  "a" : [ ],\n  "b" : { },\n  "c" : [ 1, {\n    "d" : "x\\"\\n"\n  } ],\n  "e" : 2.0,\n  "f" : {\n    "g" : null\n  }\n}',
  );
});
