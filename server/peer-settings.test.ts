import t from 'tap';
import { ConfigError } from './config-error.ts';
import { parseServerConfig } from './config.ts';

const BASE = 'dataDir=/d\nclientPort=2181\ntickTime=1000\ninitLimit=10\nsyncLimit=5\n';
const THREE = 'server.1=zoo1:2888:3888\nserver.2=zoo2:2888:3888\nserver.3=zoo3:2888:3888\n';
const FILES: Readonly<Record<string, string>> = { '/d/myid': '2\n' };

function parse(text: string, files = FILES) {
  return parseServerConfig(text, {
    file: 'zoo.cfg',
    cwd: '/srv',
    readFile(path) {
      const content = files[path];
      if (content !== undefined) return content;
      throw Object.assign(new Error(path), { code: 'ENOENT' });
    },
  });
}

function errorOf(text: string, files?: typeof FILES): ConfigError {
  try {
    parse(text, files);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('accepted');
}

await t.test('TLS between servers is read, and what is missing for it is said', async (t) => {
  const stores = 'ssl.quorum.keyStore.location=k.pem\nssl.quorum.trustStore.location=/t.pem\n';
  const tls = (lines: string) => parse(BASE + THREE + lines).peerTls;
  t.equal(tls(stores), null, 'nobody has asked for it');
  t.match(tls(`sslQuorum=true\n${stores}`), {
    keyStore: { path: '/srv/k.pem', type: 'PEM' },
    trustStore: { path: '/t.pem' },
    clientAuth: 'need',
    isDialed: true,
    takesPlain: false,
    checksDialedName: true,
    checksAcceptedName: true,
    isReloaded: false,
    handshakeTimeoutMs: 5000,
  });
  t.match(tls(`portUnification=true\n${stores}`), { isDialed: false, takesPlain: true });
  t.match(
    tls(`sslQuorum=true\nssl.quorum.hostnameVerification=false\nsslQuorumReloadCertFiles=true\n${stores}`),
    {
      checksDialedName: false,
      checksAcceptedName: false,
      isReloaded: true,
    },
  );
  t.match(tls(`sslQuorum=true\nssl.quorum.clientHostnameVerification=false\n${stores}`), {
    checksDialedName: true,
    checksAcceptedName: false,
  });
  t.equal(parse(`${BASE}sslQuorum=true`).peerTls, null, 'alone it means nothing');
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['sslQuorum=true', /sslQuorum is set, and ssl\.quorum\.keyStore\.location is not; name a PEM file/],
    [
      'portUnification=true\nssl.quorum.keyStore.location=k.pem',
      /ssl\.quorum\.trustStore\.location is not set; name the certificates that other servers’/,
    ],
    [
      'sslQuorum=true\nssl.quorum.clientAuth=none\nssl.quorum.keyStore.location=k.pem',
      /ssl\.quorum\.trustStore\.location is not set/,
    ],
    [`${stores}sslQuorum=true\nssl.quorum.protocol=SSLv3`, /must name TLSv1\.2, TLSv1\.3 or both/],
    [
      'sslQuorum=true\nssl.quorum.keyStore.location=k.bcfks',
      /a store named \.bcfks is not read here; make a PEM file/,
    ],
  ];
  for (const [lines, message] of wrong) t.match(errorOf(BASE + THREE + lines), { message }, lines);
});

await t.test('SASL between servers is read from the JAAS file, and halves of it are refused', async (t) => {
  const module = 'org.apache.zookeeper.server.auth.DigestLoginModule required';
  const jaas = `QuorumServer { ${module} user_zk="hunter2"; };\nQuorumLearner { ${module} username="zk" password="hunter2"; };`;
  const file = 'java.security.auth.login.config=/jaas.conf\n';
  const lines = (enable: boolean, learner: boolean, server: boolean): string =>
    `${BASE}${THREE}${file}quorum.auth.enableSasl=${enable}\nquorum.auth.learnerRequireSasl=${learner}\nquorum.auth.serverRequireSasl=${server}\n`;
  const parsed = (text: string, content = jaas) => parse(text, { ...FILES, '/jaas.conf': content });
  t.equal(parsed(lines(false, false, false)).peerSasl, null);
  t.match(parsed(lines(true, false, false)), { peerSasl: { isRequired: false, self: null }, warnings: [] });
  const { peerSasl } = parsed(lines(true, true, true));
  t.match(peerSasl, { isRequired: true, self: { user: 'zk' } });
  t.equal(peerSasl?.self?.password.reveal(), 'hunter2');
  t.equal(peerSasl?.users.get('zk')?.reveal(), 'hunter2');
  const wrong: readonly (readonly [string, string, RegExp])[] = [
    [lines(false, true, false), jaas, /learnerRequireSasl=true: quorum\.auth\.enableSasl is not true/],
    [lines(false, false, true), jaas, /serverRequireSasl=true: quorum\.auth\.enableSasl is not true/],
    [lines(true, false, true), jaas, /serverRequireSasl=true: quorum\.auth\.learnerRequireSasl is not true/],
    [lines(true, true, true).replace(file, ''), jaas, /there is no section QuorumServer in a JAAS file/],
    [lines(true, true, true), jaas.replace('QuorumLearner', 'Other'), /there is no section QuorumLearner/],
    [
      lines(true, true, true),
      jaas.replace('username="zk"', ''),
      /QuorumLearner must have username and password/,
    ],
    [lines(true, true, true), jaas.replace('user_zk', 'zk'), /no other server could authenticate/],
    [
      lines(true, true, true),
      jaas.replace(
        'org.apache.zookeeper.server.auth.DigestLoginModule',
        'com.sun.security.auth.module.Krb5LoginModule',
      ),
      /section QuorumServer asks for Kerberos \(GSSAPI\), which is not supported/,
    ],
  ];
  for (const [text, content, message] of wrong) {
    const error = errorOf(text, { ...FILES, '/jaas.conf': content });
    t.match(error, { message });
    t.notMatch(error.message, 'hunter2');
  }
});
