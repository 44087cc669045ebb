import { inspect } from 'node:util';
import * as fc from 'fast-check';
import t from 'tap';
import { ConfigError } from './config-error.ts';
import { CONFIG_KEY_NAMES } from './config-keys.ts';
import { parseServerConfig } from './config.ts';

const MINIMAL = 'dataDir=/var/zk\nclientPort=2181\n';

function parse(text: string, properties: Record<string, string> = {}) {
  return parseServerConfig(text, {
    file: 'zoo.cfg',
    cwd: '/srv/zk',
    properties: new Map(Object.entries(properties)),
  });
}

function errorOf(text: string, properties: Record<string, string> = {}): ConfigError {
  try {
    parse(text, properties);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('accepted');
}

await t.test('two lines make a server, and everything else has its default', async (t) => {
  const config = parse(MINIMAL);
  t.match(config, {
    dataDir: '/var/zk',
    dataLogDir: '/var/zk',
    clientPort: 2181,
    clientPortAddress: '0.0.0.0',
    clientPortListenBacklog: -1,
    tickTimeMs: 3000,
    minSessionTimeoutMs: 6000,
    maxSessionTimeoutMs: 60_000,
    maxClientCnxns: 60,
    maxCnxns: 20_000,
    globalOutstandingLimit: 1000,
    juteMaxBufferBytes: 1_048_575,
    snapCount: 100_000,
    snapSizeLimitBytes: 4_194_304 * 1024,
    preAllocSizeBytes: 65_536 * 1024,
    forceSync: true,
    fourLetterWords: ['srvr'],
    auth: { superDigest: null, ensembleNames: null, requiredSchemes: null },
    warnings: [],
    notImplemented: [],
  });
  t.ok(Object.isFrozen(config));
});

await t.test('relative directories start at the working directory', async (t) => {
  const config = parse('dataDir=data\ndataLogDir=../log\nclientPort=1');
  t.equal(config.dataDir, '/srv/zk/data');
  t.equal(config.dataLogDir, '/srv/log');
});

await t.test('system properties may stand in the file with or without their prefix', async (t) => {
  t.equal(parse(`${MINIMAL}snapCount=7`).snapCount, 7);
  t.equal(parse(`${MINIMAL}zookeeper.snapCount=8`).snapCount, 8);
  t.equal(parse(`${MINIMAL}jute.maxbuffer=0x1fffff`).juteMaxBufferBytes, 0x1fffff);
});

await t.test('a -D property counts where the file is silent, and the file wins with a warning', async (t) => {
  const properties = { 'zookeeper.snapCount': '9', 'java.io.tmpdir': '/t', 'jute.maxbuffer': '5000' };
  const config = parse(MINIMAL, properties);
  t.equal(config.snapCount, 9);
  t.equal(config.juteMaxBufferBytes, 5000);
  t.equal(config.properties.size, 0);

  const both = parse(`${MINIMAL}snapCount=10`, properties);
  t.equal(both.snapCount, 10);
  t.same(both.warnings, ['zoo.cfg:3: snapCount: overrides another value given by -Dzookeeper.snapCount']);
  t.match(parse(MINIMAL, { 'zookeeper.tickTime': '1' }).warnings, [/can only be set in zoo.cfg/]);
});

await t.test('a warning names a -D property as it was given, with the prefix or without', async (t) => {
  const key = 'readonlymode.enabled';
  for (const name of [key, `zookeeper.${key}`]) {
    const { warnings } = parse(`${MINIMAL}${key}=false`, { [name]: 'true' });
    t.same(warnings, [`zoo.cfg:3: ${key}: overrides another value given by -D${name}`]);
  }
  const typo = parse(MINIMAL, { 'zookeeper.snapCuont': '9' });
  t.match(typo.warnings, [/^-Dzookeeper\.snapCuont: is not a known key/]);
});

await t.test('a wrong value names file, line, key, value, what is allowed and what to do', async (t) => {
  const error = errorOf('# mine\ndataDir=/d\ntickTime=2s\nclientPort=2181');
  t.equal(
    error.message,
    'zoo.cfg:3: tickTime=2s: must be an integer from 1 to 2147483647 (milliseconds); ' +
      'correct the value, or remove the line to use 3000',
  );
  t.match(error, { code: 'BAD_VALUE', problem: { file: 'zoo.cfg', line: 3, key: 'tickTime', value: '2s' } });
});

await t.test('every kind of wrong value is refused, with or without an effect today', async (t) => {
  const wrong = [
    'clientPort=65536',
    'tickTime=0',
    'snapCount=1',
    'snapCount=',
    'forceSync=NO',
    'forceSync=false',
    'digest.enabled=yes',
    'electionAlg=1',
    'clientPortAddress=a b',
    'DigestAuthenticationProvider.digestAlg=MD2',
    'initLimit=-1',
    'snapshotSizeFactor=x',
    'enforceQuota=1',
    'server.1=zoo1',
    'server.1=zoo1:2888:2888',
    'server.x=zoo1:2888:3888',
    'server.999=zoo1:2888:3888',
  ];
  for (const line of wrong) {
    const error = errorOf(`${MINIMAL}${line}`);
    t.match(error, { code: 'BAD_VALUE', problem: { line: 3 } }, line);
  }
  t.match(errorOf(MINIMAL, { 'zookeeper.snapCount': 'x' }).message, /^-D: snapCount=x: /);
});

await t.test('a missing dataDir or clientPort is said to be missing', async (t) => {
  t.match(errorOf('clientPort=1'), { code: 'MISSING', message: /dataDir is not set/ });
  t.match(errorOf('dataDir=/d'), { code: 'MISSING', message: /clientPort is not set/ });
  t.match(errorOf('dataDir=\nclientPort=1'), { code: 'BAD_VALUE' });
});

await t.test('session timeouts default to 2 and 20 ticks and must not cross', async (t) => {
  const config = parse(`${MINIMAL}tickTime=500\nmaxSessionTimeout=1500`);
  t.equal(config.minSessionTimeoutMs, 1000);
  t.equal(config.maxSessionTimeoutMs, 1500);
  t.match(errorOf(`${MINIMAL}maxSessionTimeout=10`), { code: 'CONFLICT', problem: { line: 3 } });
});

await t.test('one server line is a standalone server and may bring the client port', async (t) => {
  const config = parse('dataDir=/d\nserver.3=[::1]:2888:3888:participant;127.0.0.1:2182');
  t.equal(config.clientPort, 2182);
  t.equal(config.clientPortAddress, '127.0.0.1');
  t.equal(config.ensemble, null);
});

const ENSEMBLE_PROVIDER = 'authProvider.7=org.apache.zookeeper.server.auth.EnsembleAuthenticationProvider\n';

await t.test('who must authenticate is read, and a way in that there is not is refused', async (t) => {
  const enforced = `${MINIMAL}enforce.auth.enabled=true\n`;
  t.same(parse(`${enforced}enforce.auth.schemes=digest, ip`).auth.requiredSchemes, new Set(['digest', 'ip']));
  t.equal(parse(`${MINIMAL}enforce.auth.enabled=false\nenforce.auth.schemes=x`).auth.requiredSchemes, null);
  for (const [text, says] of [
    [enforced, /zoo\.cfg:3: enforce\.auth\.enabled=true: .*does not say how; add a line such as/],
    [`${enforced}enforce.auth.schemes=digest,key`, /zoo\.cfg:4: .*by key, which this server does not offer/],
    [`${enforced}enforce.auth.schemes=world`, /by world/],
    [`${enforced}enforce.auth.schemes=digest\nDigestAuthenticationProvider.enabled=false`, /by digest/],
    [`${MINIMAL}sessionRequireClientSASLAuth=true`, /zoo\.cfg:3: sessionRequire.*by sasl, .*authProvider\.N/],
  ] as const) {
    t.match(errorOf(text), { code: 'CONFLICT', message: says }, text);
  }
});

await t.test('names of the ensemble count where the provider for them is named', async (t) => {
  const named = `${MINIMAL}ensembleAuthName=a, b\n`;
  t.same(parse(named + ENSEMBLE_PROVIDER).auth.ensembleNames, new Set(['a', 'b']));
  t.same(parse(MINIMAL + ENSEMBLE_PROVIDER).auth.ensembleNames, new Set());
  t.match(parse(named), { auth: { ensembleNames: null }, warnings: [/ensembleAuthName: has no effect/] });
  t.match(parse(`${MINIMAL}authProvider.1=com.example.Mine`).warnings, [
    /authProvider\.1: is not implemented/,
  ]);
});

await t.test('unknown keys are kept, and a likely typo of a known one is pointed out', async (t) => {
  const config = parse(`${MINIMAL}tickTme=2000\nsnap_count=5\nmyPlugin.size=3\nconstructor=1\n__proto__=2`);
  t.equal(config.properties.get('zookeeper.myPlugin.size'), '3');
  t.equal(config.properties.get('zookeeper.constructor'), '1');
  t.equal(config.properties.get('zookeeper.__proto__'), '2');
  t.same(config.warnings, [
    'zoo.cfg:3: tickTme: is not a known key and has no effect; did you mean tickTime?',
    'zoo.cfg:4: snap_count: is not a known key and has no effect; did you mean snapCount?',
  ]);
});

await t.test('known keys without an effect yet are listed, unless they ask for the default', async (t) => {
  const config = parse(`${MINIMAL}enforceQuota=false\ninitLimit=10\nssl.more=1\nglobalOutstandingLimit=5`);
  t.same(config.notImplemented, ['ssl.more', 'globalOutstandingLimit']);
});

await t.test('what would be open if it were ignored is refused', async (t) => {
  for (const key of [
    'ssl.crl',
    'ssl.ocsp',
    'ssl.clientHostnameVerification',
    'admin.forceHttps',
    'admin.needClientAuth',
  ]) {
    t.match(errorOf(`${MINIMAL}${key}=true`).problem, { code: 'UNSUPPORTED', key });
    t.same(parse(`${MINIMAL}${key}=false`).notImplemented, []);
  }
});

await t.test('the super digest appears nowhere', async (t) => {
  const key = 'DigestAuthenticationProvider.superDigest';
  const config = parse(`${MINIMAL}${key}=super:c2VjcmV0\n`);
  t.equal(config.auth.superDigest?.reveal(), 'super:c2VjcmV0');
  t.notMatch(JSON.stringify(config), /c2VjcmV0/);
  t.notMatch(String(config.auth.superDigest), /c2VjcmV0/);
  const error = errorOf(`${MINIMAL}${key}=mypassword`);
  t.match(error.message, /=\*\*\*: /);
  t.notMatch(error.message + JSON.stringify(error.problem), /mypassword/);
});

await t.test('passwords of settings this server does not know are wrapped as well', async (t) => {
  const config = parse(
    `${MINIMAL}ssl.quorum.keyStore.password=hunter2\nssl.quorum.my.password=hunter2\nssl.quorum.mine=/k`,
  );
  t.notMatch(inspect(config, { depth: 9 }), /hunter2/);
  t.equal(config.properties.get('zookeeper.ssl.quorum.mine'), '/k');
});

await t.test('the files that Apache and its container image ship start without a warning', async (t) => {
  const sample = 'tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=/tmp/zookeeper\nclientPort=2181\n';
  const image = [
    'dataDir=/data\ndataLogDir=/datalog\ntickTime=2000\ninitLimit=5\nsyncLimit=2',
    'autopurge.snapRetainCount=3\nautopurge.purgeInterval=0\nmaxClientCnxns=60\nstandaloneEnabled=true',
    'admin.enableServer=true\nserver.1=localhost:2888:3888;2181\n',
  ].join('\n');
  t.match(parse(sample), { warnings: [], notImplemented: [] });
  t.match(parse(image), {
    warnings: [],
    notImplemented: [],
    clientPort: 2181,
    operators: { admin: { host: '127.0.0.1', port: 8080, commandUrl: '/commands' }, metrics: null },
  });
});

await t.test('metrics are Prometheus’ or none, and what operators may not see is blotted out', async (t) => {
  const minimal = 'dataDir=/d\nclientPort=2181\n';
  t.match(parse(minimal).operators, { admin: null, metrics: null });
  const prometheus = 'org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider';
  t.match(
    parse(`${minimal}metricsProvider.className=${prometheus}\nmetricsProvider.httpPort=7001\n`).operators
      .metrics,
    { host: '0.0.0.0', port: 7001, exportsProcess: true },
  );
  t.throws(() => parse(`${minimal}metricsProvider.className=com.example.Mine\n`), {
    name: 'ConfigError',
    message: /metricsProvider\.className.*PrometheusMetricsProvider/,
  });
  t.throws(() => parse(`${minimal}admin.commandURL=commands\n`), { name: 'ConfigError' });
  const { initialConfiguration } = parse(
    `${minimal}ssl.keyStore.password = s3cret\nssl.keyStore.location=/k\n`,
  );
  t.equal(initialConfiguration, `${minimal}ssl.keyStore.password=***\nssl.keyStore.location=/k\n`);
});

await t.test('a word that does not exist in the whitelist is pointed out', async (t) => {
  t.same(parse(`${MINIMAL}4lw.commands.whitelist=*, ruok`).warnings, []);
  t.match(parse(`${MINIMAL}4lw.commands.whitelist=ruok,mntrr`).warnings, [/there is no word mntrr/]);
});

await t.test('whoever may be served read-only may ask for it, whatever the whitelist says', async (t) => {
  const readOnly = { 'readonlymode.enabled': 'true' };
  const listed = { 'zookeeper.4lw.commands.whitelist': 'ruok, mntr' };
  t.same(parse(MINIMAL, readOnly).fourLetterWords, ['srvr', 'isro']);
  t.same(parse(MINIMAL, { ...listed, ...readOnly }).fourLetterWords, ['ruok', 'mntr', 'isro']);
  t.same(parse(MINIMAL, listed).fourLetterWords, ['ruok', 'mntr']);
});

await t.test('any text is a configuration or a ConfigError', async (t) => {
  const line = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .tuple(fc.constantFrom(...CONFIG_KEY_NAMES, 'server.1', 'toString'), fc.string())
      .map((pair) => pair.join('=')),
    fc.tuple(fc.constantFrom(...CONFIG_KEY_NAMES), fc.integer()).map((pair) => pair.join('=')),
  );
  const text = fc.array(line).map((lines) => MINIMAL + lines.join('\n'));
  let accepted = 0;
  fc.assert(
    fc.property(text, (text) => {
      try {
        parse(text);
        accepted++;
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
      }
    }),
    { numRuns: 500 },
  );
  t.ok(accepted > 0 && accepted < 500, `${accepted} of 500 accepted`);
});

await t.test('values that would forge a line of the log are escaped', async (t) => {
  const error = errorOf(`${MINIMAL}tickTime=1\\n2026-11-21 ERROR\\u001b[31m`);
  t.notOk(error.message.includes('\n') || error.message.includes('\u001b'));
  t.match(error.message, /tickTime=1\\n2026/);
});

function parseWithSecret(files: Readonly<Record<string, string>>) {
  return parseServerConfig('dataDir=/d\nclientPort=1\nstampede.sessionSecretFile=keys/session\n', {
    file: 'zoo.cfg',
    cwd: '/etc/zk',
    readFile: (path) => {
      const text = files[path];
      if (text === undefined) throw Object.assign(new Error('none'), { code: 'ENOENT' });
      return text;
    },
  });
}

await t.test('a secret of sessions is read from its file, and shown nowhere', async (t) => {
  const secret = '0123456789abcdef0123456789abcdef';
  const config = parseWithSecret({ '/etc/zk/keys/session': `${secret}\n` });
  t.equal(config.sessionSecret?.reveal(), secret);
  t.notMatch(JSON.stringify(config), secret);
  for (const files of [{}, { '/etc/zk/keys/session': 'short' }]) {
    t.throws(() => parseWithSecret(files), {
      code: 'BAD_VALUE',
      message: /zoo\.cfg:3: stampede\.sessionSecretFile/,
    });
  }
});
