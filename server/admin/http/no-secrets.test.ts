import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { Client } from '../../../harness/client/client.ts';
import { COMMAND_WORDS } from '../command-words.ts';
import { type LoggedServer, startLogged } from '../testing/logged-server.ts';
import { ADMIN_COMMAND_NAMES } from './admin-commands.ts';

const SUPER_DIGEST = 'c3VwZXJkaWdlc3Q3NDE=';
const SECRETS = {
  'of superDigest': SUPER_DIGEST,
  'of the key store': 'keystore-852',
  'of SASL’s super user': 'saslsuper-963',
  'of a SASL user': 'jaas-159',
  'that sessions’ passwords are made of': 'sessions-357-0123456789abcdef0123456789abcdef',
  'of a client': 'client-258',
  'in a znode that nobody may read': 'content-456',
} as const;

const JAAS = `Server {
  org.apache.zookeeper.server.auth.DigestLoginModule required
  user_alice="${SECRETS['of a SASL user']}";
};
`;

/** A server with all of them. */
async function start(t: Test): Promise<LoggedServer> {
  const lines = [
    '4lw.commands.whitelist=*',
    'admin.enableServer=true',
    'admin.serverPort=0',
    'stampede.rest.enabled=true',
    'metricsProvider.className=org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider',
    'metricsProvider.httpHost=127.0.0.1',
    'metricsProvider.httpPort=0',
    `DigestAuthenticationProvider.superDigest=super:${SUPER_DIGEST}`,
    `ssl.keyStore.password=${SECRETS['of the key store']}`,
    'authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider',
    'java.security.auth.login.config=jaas.conf',
    `SASLAuthenticationProvider.superPassword=${SECRETS['of SASL’s super user']}`,
    'stampede.sessionSecretFile=session.secret',
  ];
  const readFile = (path: string): string => {
    if (path.endsWith('jaas.conf')) return JAAS;
    return path.endsWith('session.secret') ? SECRETS['that sessions’ passwords are made of'] : '';
  };
  const started = await startLogged(t.testdir({}), lines, { readFile });
  t.teardown(() => started.server.stop());
  return started;
}

await t.test('no answer of a port for operators, and no line of the log, has a secret', async (t) => {
  const { server, log, urlOf } = await start(t);
  const client = await Client.connect({
    connectString: `127.0.0.1:${server.clientPort}`,
    sessionTimeoutMs: 10_000,
  });
  t.teardown(() => client.close());
  await client.addAuth('digest', Buffer.from(`alice:${SECRETS['of a client']}`));
  await client.create('/closed', Buffer.from(SECRETS['in a znode that nobody may read']), {
    acl: [{ perms: 31, scheme: 'auth', id: '' }],
  });

  const [admin, metrics] = [urlOf('AdminServer'), urlOf('MetricsProvider')];
  const pages = [
    `${admin}/`,
    `${admin}/commands`,
    ...ADMIN_COMMAND_NAMES.map((name) => `${admin}/commands/${name}`),
    `${metrics}/metrics`,
  ];
  const answers = new Map<string, string>();
  for (const page of pages) {
    const response = await fetch(page);
    t.equal(response.status, 200, page);
    answers.set(page, JSON.stringify([...response.headers]) + (await response.text()));
  }
  for (const [path, status] of [
    ['/znodes/v1/', 200],
    ['/znodes/v1/?view=children', 200],
    ['/znodes/v1/closed', 401],
    ['/znodes/v1/closed?view=children', 401],
  ] as const) {
    const response = await fetch(`${admin}${path}`);
    t.equal(response.status, status, path);
    answers.set(path, await response.text());
  }
  for (const word of COMMAND_WORDS) answers.set(word, await askWord(server.clientPort, word));
  answers.set('the log', log.join('\n'));

  const password = Buffer.from(client.session?.password ?? []);
  t.equal(password.length, 16);
  const sought = {
    ...SECRETS,
    'of a session, in hex': password.toString('hex'),
    'of a session, in base64': password.toString('base64'),
    'of a session, as text': password.toString(),
  };
  for (const [where, answer] of answers)
    for (const [what, secret] of Object.entries(sought))
      t.notOk(answer.includes(secret), `${where}: ${what}`);
  t.match(
    answers.get(`${admin}/commands/initial_configuration`),
    'superDigest=***',
    'they were there to be hidden',
  );
});

async function askWord(port: number, word: string): Promise<string> {
  // `stmk` is followed by a long.
  const socket = connect(port, '127.0.0.1', () =>
    socket.write(word === 'stmk' ? 'stmk\0\0\0\0\0\0\0\0' : word),
  );
  return await text(socket);
}
