import { inspect } from 'node:util';
import t from 'tap';
import { ConfigError } from './config-error.ts';
import { parseServerConfig } from './config.ts';

const MINIMAL = 'dataDir=/var/zk\nclientPort=2181\n';
const JAAS = 'java.security.auth.login.config=jaas.conf\n';
const DIGEST = 'org.apache.zookeeper.server.auth.DigestLoginModule';
const SERVER = `Server {\n  ${DIGEST} required\n  user_super="adm1n" user_bob="s3cret";\n};\n`;
const PROVIDER = 'authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider\n';

interface Given {
  readonly lines?: string;
  /** Null: there is no such file. */
  readonly jaas?: string | null;
  readonly properties?: Readonly<Record<string, string>>;
}

function parse({ lines = JAAS, jaas = SERVER, properties = {} }: Given) {
  return parseServerConfig(MINIMAL + lines, {
    file: 'zoo.cfg',
    cwd: '/srv/zk',
    properties: new Map(Object.entries(properties)),
    readFile: (path) => {
      if (path !== '/srv/zk/jaas.conf' || jaas === null)
        throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      return Buffer.from(jaas, 'utf8').toString('latin1');
    },
  });
}

function errorOf(given: Given): ConfigError {
  try {
    parse(given);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('accepted');
}

const passwordsOf = (config: ReturnType<typeof parse>) =>
  Object.fromEntries([...(config.auth.sasl.users ?? [])].map(([name, secret]) => [name, secret.reveal()]));

await t.test('passwords come from the section of the JAAS file, named by -D or in zoo.cfg', (t) => {
  const both = { super: 'adm1n', bob: 's3cret' };
  t.same(passwordsOf(parse({})), both);
  const properties = { 'java.security.auth.login.config': '/srv/zk/jaas.conf' };
  t.same(passwordsOf(parse({ lines: '', properties })), both);
  const other = { lines: `${JAAS}sasl.serverconfig=Mine`, jaas: `Mine { ${DIGEST} required user_ü="ß"; };` };
  t.same(passwordsOf(parse(other)), { ü: 'ß' });
  t.equal(parse({ lines: '' }).auth.sasl.users, null);
  t.end();
});

await t.test('a password of its own for super counts before the file’s', (t) => {
  const lines = `${JAAS}SASLAuthenticationProvider.superPassword=0ther\n`;
  t.same(passwordsOf(parse({ lines })), { super: '0ther', bob: 's3cret' });
  const config = parse({ lines, jaas: SERVER.replace('user_super="adm1n"', '') });
  t.same(passwordsOf(config), { bob: 's3cret' }, 'nobody becomes super by it alone');
  t.match(config.warnings, [/superPassword: has no effect/]);
  t.end();
});

await t.test('who is super, who is everybody, and who may stay', (t) => {
  t.match(parse({}).auth, {
    hasSaslAcls: false,
    sasl: { superUsers: new Set(), anyUser: null, keepsFailed: false },
  });
  const lines = `${JAAS}${PROVIDER}superUser=root\nsuperUser.2=ops\nletAnySaslUserDoX=any\nallowSaslFailedClients=true\n`;
  const config = parse({ lines });
  t.match(config.auth, {
    hasSaslAcls: true,
    sasl: { superUsers: new Set(['root', 'ops']), anyUser: 'any', keepsFailed: true },
  });
  t.same(config.warnings, []);
  t.same(config.notImplemented, []);
  const required = parse({ lines: `${JAAS}${PROVIDER}sessionRequireClientSASLAuth=true` });
  t.same(required.auth.requiredSchemes, new Set(['sasl']));
  t.same(required.warnings, []);
  const nobody = parse({ lines: `${PROVIDER}sessionRequireClientSASLAuth=true` });
  t.match(nobody.warnings, [/zoo\.cfg:4: sessionRequireClientSASLAuth: lets in nobody by sasl/]);
  t.end();
});

await t.test('a file without the section offers no SASL and says so', (t) => {
  for (const jaas of ['', `Client { ${DIGEST} required username="a" password="b"; };`]) {
    const config = parse({ jaas });
    t.equal(config.auth.sasl.users, null);
    t.match(config.warnings, [/zoo\.cfg:3: java\.security.*has no section Server/]);
  }
  t.end();
});

await t.test('what cannot be offered stops the server, with place and remedy', (t) => {
  const krb5 = 'com.sun.security.auth.module.Krb5LoginModule';
  for (const [given, code, says] of [
    [{ jaas: null }, 'UNREADABLE', /^zoo\.cfg:3: java\.security\S+=jaas\.conf: there is no such file; /],
    [
      { jaas: `Server {\n${krb5} required useKeyTab=true;\n};` },
      'UNSUPPORTED',
      /jaas\.conf:2: .*GSSAPI.*use org\./,
    ],
    [
      { jaas: `Server {\n${DIGEST} required user_a="b";\nx.Y optional;\n};` },
      'UNSUPPORTED',
      /jaas\.conf:3: /,
    ],
    [{ jaas: `Server {\n${DIGEST} required;\n};` }, 'MISSING', /jaas\.conf:2: .*no users/],
    [{ jaas: 'Server { };' }, 'MISSING', /no users/],
    [{ jaas: 'Server {\n' }, 'BAD_VALUE', /jaas\.conf:2: /],
    ...['bob@REALM', 'bob/host', 'bob/host@REALM', '', 'a\\nb'].map(
      (name) =>
        [
          { jaas: `Server {\n${DIGEST} required "user_${name}"="s3cret";\n};` },
          'BAD_VALUE',
          /jaas\.conf:2: .*whose name/,
        ] as const,
    ),
  ] as const) {
    const error = errorOf(given);
    t.match(error, { code, message: says });
    t.notMatch(error.message, /s3cret/);
  }
  t.end();
});

await t.test('no password is in anything that may be shown, however it is written', (t) => {
  const key = 'SASLAuthenticationProvider.superPassword';
  for (const line of [
    `${key}=0ther`,
    `zookeeper.${key} : 0ther`,
    `${key} 0ther`,
    `${key}=\\\n  0ther`,
    `SASLAuthenticationProvider.\\u0073uperPassword=0ther`,
  ]) {
    const config = parse({ lines: `${JAAS}${line}\nsnapCount=5\n` });
    t.equal(passwordsOf(config)['super'], '0ther', line);
    for (const text of [JSON.stringify(config), inspect(config, { depth: 10 }), config.initialConfiguration])
      t.notMatch(text, /s3cret|adm1n|0ther/, line);
    t.match(config.initialConfiguration, /superPassword=\*\*\*\nsnapCount=5\n$/);
  }
  t.end();
});
