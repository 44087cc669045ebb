import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import t, { type Test } from 'tap';
import { Client, type ClientOptions } from '../../../harness/client/client.ts';
import type { ClientStream, OpenStream } from '../../../harness/client/tcp-stream.ts';
import { fourLetterWord } from '../../../harness/ensemble/four-letter-word.ts';
import { parseServerConfig } from '../../config.ts';
import { LineLog } from '../../log.ts';
import { startServer, type RunningServer } from '../../server.ts';
import { Perms } from '../../wire/records/acl.ts';
import { type Identity, TestAuthority, whyNoCertificates } from './testing/certificates.ts';
import { makeJks } from './testing/make-jks.ts';

const skip = whyNoCertificates();

/** Unlike `t.testdir` any number of them. */
function freshDirectory(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'stampede-tls-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

interface Served {
  readonly server: RunningServer;
  readonly log: readonly string[];
}

const SECURE_PORT = ['secureClientPort=0', 'secureClientPortAddress=127.0.0.1'];

async function serve(t: Test, lines: readonly string[], ports = SECURE_PORT): Promise<Served> {
  const log: string[] = [];
  const write = (line: string): void => void log.push(line);
  const text = [`dataDir=${join(freshDirectory(t), 'data')}`, 'clientPort=0', ...ports, ...lines].join('\n');
  const server = await startServer(
    parseServerConfig(text, { file: 'zoo.cfg', cwd: '/', readFile: () => '' }),
    {
      log: new LineLog({ myid: '', out: write, err: write }),
      onFailure: (error) => t.fail(error.message),
    },
  );
  t.teardown(() => server.stop());
  return { server, log };
}

/** As a client that speaks TLS opens its connections. */
function openTls(options: ConnectionOptions): OpenStream {
  return ({ host, port }, handler): ClientStream => {
    const socket = connect({ host, port, ...options });
    let failure: Error | undefined;
    socket.on('error', (error) => (failure ??= error));
    socket.on('data', (chunk: Uint8Array) => handler.onBytes(new Uint8Array(chunk)));
    socket.on('drain', () => handler.onDrain());
    socket.on('close', () => handler.onClosed());
    return {
      remoteAddress: host,
      remotePort: port,
      get failure() {
        return failure;
      },
      get queuedBytes() {
        return socket.writableLength;
      },
      write: (bytes) => {
        socket.write(bytes.slice());
        return true;
      },
      end: () => void socket.end(),
      destroy: () => void socket.destroy(),
      pause: () => void socket.pause(),
      resume: () => void socket.resume(),
    };
  };
}

function clientOf(
  t: Test,
  { server }: Served,
  options: ConnectionOptions,
  more: Partial<ClientOptions> = {},
): Promise<Client> {
  return Client.connect({
    connectString: `127.0.0.1:${server.secureClientPort}`,
    connectTimeoutMs: 3000,
    open: openTls(options),
    ...more,
  }).then((client) => {
    t.teardown(() => client.close());
    return client;
  });
}

const certificateIn = (file: string): Buffer => new X509Certificate(readFileSync(file)).raw;

const javaStores = (keys: string, trusted: string): string[] => [
  `ssl.keyStore.location=${keys}`,
  'ssl.keyStore.password=hunter2',
  `ssl.trustStore.location=${trusted}`,
  'ssl.trustStore.password=hunter2',
];

const shown = ({ key, certificate }: Identity): ConnectionOptions => ({
  key: readFileSync(key),
  cert: readFileSync(certificate),
});

/** Whether somebody is answered, or closed. */
async function isAnswered({ server }: Served, options: ConnectionOptions): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port: server.secureClientPort ?? 0, ...options });
  socket.on('error', () => undefined);
  socket.on('secureConnect', () => socket.write(Buffer.from('srvr')));
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
  await new Promise((resolve) => socket.once('close', resolve));
  return answer.includes('Mode: standalone');
}

await t.test(
  'clients with a certificate are served over TLS, and are who it says they are',
  { skip },
  async (t) => {
    const authority = new TestAuthority(freshDirectory(t));
    const ca = readFileSync(authority.certificate);
    const own = authority.issue('server', '/CN=localhost');
    const served = await serve(t, [
      `ssl.keyStore.location=${own.pem}`,
      `ssl.trustStore.location=${authority.certificate}`,
      'ssl.trustStore.type=PEM',
      'X509AuthenticationProvider.superUser=CN=root,O=Example',
    ]);
    const alice = await clientOf(t, served, {
      ca,
      ...shown(authority.issue('alice', '/O=Example, Inc./CN=alice')),
    });
    await alice.create('/secret', Buffer.from('x'), {
      acl: [{ perms: Perms.all, scheme: 'x509', id: 'CN=alice,O=Example\\, Inc.' }],
    });
    t.equal(Buffer.from((await alice.getData('/secret')).data ?? []).toString(), 'x');
    const big = Buffer.alloc(900_000, 7);
    await alice.create('/big', big);
    t.ok(
      big.equals((await alice.getData('/big')).data ?? Buffer.alloc(0)),
      'what is larger than a record of TLS, too',
    );

    const bob = await clientOf(t, served, { ca, ...shown(authority.issue('bob', '/O=Example/CN=bob')) });
    await t.rejects(bob.getData('/secret'), { name: 'KeeperError', message: /NoAuth/ });
    const root = await clientOf(t, served, { ca, ...shown(authority.issue('root', '/O=Example/CN=root')) });
    t.equal(
      Buffer.from((await root.getData('/secret')).data ?? []).toString(),
      'x',
      'a super user passes every ACL',
    );

    const plain = await Client.connect({ connectString: `127.0.0.1:${served.server.clientPort}` });
    t.teardown(() => plain.close());
    await t.rejects(plain.getData('/secret'), { message: /NoAuth/ }, 'the other port is there as before');
  },
);

await t.test(
  'who has no certificate, or one of somebody else, is closed, and others are not',
  { skip },
  async (t) => {
    const authority = new TestAuthority(freshDirectory(t));
    const stranger = new TestAuthority(freshDirectory(t), 'stranger');
    const ca = readFileSync(authority.certificate);
    const own = authority.issue('server', '/CN=localhost');
    for (const clientAuth of ['need', 'want', 'none']) {
      await t.test(clientAuth, async (t) => {
        const served = await serve(t, [
          `ssl.keyStore.location=${own.pem}`,
          `ssl.trustStore.location=${authority.certificate}`,
          'ssl.trustStore.type=PEM',
          `ssl.clientAuth=${clientAuth}`,
        ]);
        const isServed = (options: ConnectionOptions): Promise<boolean> =>
          isAnswered(served, { ca, ...options });
        t.equal(await isServed({}), clientAuth !== 'need', 'without');
        t.equal(
          await isServed(shown(stranger.issue('eve', '/CN=alice'))),
          clientAuth === 'none',
          'of a stranger',
        );
        t.equal(
          await isServed(shown(authority.issue('alice', '/CN=alice'))),
          true,
          'with one that is trusted',
        );
        if (clientAuth !== 'none')
          t.match(served.log.join(''), /WARN .*SecureClientListener\] - 127\.0\.0\.1: .*closed/);
      });
    }
  },
);

await t.test('one port takes clients with TLS and without', { skip }, async (t) => {
  const authority = new TestAuthority(freshDirectory(t));
  const served = await serve(
    t,
    [
      'client.portUnification=true',
      `ssl.keyStore.location=${authority.issue('server', '/CN=localhost').pem}`,
      `ssl.trustStore.location=${authority.certificate}`,
      'ssl.trustStore.type=PEM',
    ],
    [],
  );
  const { clientPort, secureClientPort } = served.server;
  t.equal(secureClientPort, null);
  const connectString = `127.0.0.1:${clientPort}`;
  const ca = readFileSync(authority.certificate);
  const identity = shown(authority.issue('alice', '/CN=alice'));
  const secure = await Client.connect({ connectString, open: openTls({ ca, ...identity }) });
  t.teardown(() => secure.close());
  await secure.create('/secure', Buffer.from('x'), {
    acl: [{ perms: Perms.all, scheme: 'x509', id: 'CN=alice' }],
  });
  const plain = await Client.connect({ connectString });
  t.teardown(() => plain.close());
  await t.rejects(plain.getData('/secure'), { message: /NoAuth/ });
  const big = Buffer.alloc(900_000, 7);
  await plain.create('/big', big);
  t.ok(big.equals((await secure.getData('/big')).data ?? Buffer.alloc(0)));
  t.match(await fourLetterWord(connectString, 'srvr'), 'Mode: standalone');

  const half = connectTcp(clientPort, '127.0.0.1', () => half.write(Buffer.alloc(64, 0x16)));
  half.resume().on('error', () => undefined);
  await new Promise((resolve) => half.once('close', resolve));
  t.match(
    served.log.join(''),
    /SecureClientListener\] - 127\.0\.0\.1: .*; closed/,
    'what only begins like TLS',
  );
});

await t.test('a client with a certificate may resume its session, in either version', { skip }, async (t) => {
  const authority = new TestAuthority(freshDirectory(t));
  const served = await serve(t, [
    `ssl.keyStore.location=${authority.issue('server', '/CN=localhost').pem}`,
    `ssl.trustStore.location=${authority.certificate}`,
    'ssl.trustStore.type=PEM',
  ]);
  const identity = shown(authority.issue('alice', '/CN=alice'));
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const ask = async (more: ConnectionOptions): Promise<{ session: Buffer; isReused: boolean }> => {
      const ca = readFileSync(authority.certificate);
      const options = { host: '127.0.0.1', port: served.server.secureClientPort ?? 0, ca, maxVersion };
      const socket = connect({ ...options, ...identity, ...more }, () => socket.write('srvr'));
      const whenSession = once(socket, 'session');
      socket.resume();
      await once(socket, 'end');
      return {
        session: more.session ?? ((await whenSession) as [Buffer])[0],
        isReused: socket.isSessionReused(),
      };
    };
    const { session, isReused } = await ask({});
    t.notOk(isReused);
    t.match(await ask({ session }), { isReused: true }, maxVersion);
  }
  t.notMatch(served.log.join(''), 'SecureClientListener] - 127.0.0.1');
});

await t.test('bytes that are no TLS, and handshakes that do not go on, are closed', { skip }, async (t) => {
  const authority = new TestAuthority(freshDirectory(t));
  const own = authority.issue('server', '/CN=localhost');
  const served = await serve(t, [`ssl.keyStore.location=${own.pem}`, 'ssl.clientAuth=none']);
  const socket = connectTcp(served.server.secureClientPort ?? 0, '127.0.0.1', () =>
    socket.write('ruok, in the clear'),
  );
  socket.resume().on('error', () => undefined);
  await once(socket, 'close');
  t.match(served.log.join(''), /SecureClientListener\] - 127\.0\.0\.1: .*; closed/);
  const old: TLSSocket = connect({
    host: '127.0.0.1',
    port: served.server.secureClientPort ?? 0,
    maxVersion: 'TLSv1.1',
    minVersion: 'TLSv1',
    ciphers: 'DEFAULT@SECLEVEL=0',
    rejectUnauthorized: false,
  });
  const [error] = (await once(old, 'error')) as [Error];
  t.match(error.message, /version|protocol|alert/i, 'versions that are not safe are not spoken');
  const client = await clientOf(t, served, { ca: readFileSync(authority.certificate) });
  t.ok(await client.exists('/'), 'and clients are served');
});

await t.test(
  'a PKCS12 store with its password, and no password in what the server tells',
  { skip },
  async (t) => {
    const authority = new TestAuthority(freshDirectory(t));
    const store = authority.pkcs12(authority.issue('server', '/CN=localhost'), 'hunter2');
    const lines = [`ssl.keyStore.location=${store}`, 'ssl.keyStore.password=hunter2', 'ssl.clientAuth=none'];
    const served = await serve(t, lines);
    const client = await clientOf(t, served, { ca: readFileSync(authority.certificate) });
    t.ok(await client.exists('/'));
    t.notMatch(served.log.join(''), 'hunter2');
    await t.rejects(
      serve(
        t,
        lines.map((line) => line.replace('hunter2', 'wrong')),
      ),
      { name: 'ConfigError', message: /password of the store is wrong/ },
    );
  },
);

await t.test('stores of Java’s kinds, whatever their files are called', { skip }, async (t) => {
  const directory = freshDirectory(t);
  const [corporation, authority] = [
    new TestAuthority(directory, 'corporation'),
    new TestAuthority(directory),
  ];
  const own = corporation.issue('server', '/CN=localhost');
  const chain = [certificateIn(own.certificate), certificateIn(corporation.certificate)];
  const key = createPrivateKey(readFileSync(own.key)).export({ type: 'pkcs8', format: 'der' });
  const write = (name: string, bytes: string | Uint8Array): string => {
    writeFileSync(join(directory, name), bytes);
    return join(directory, name);
  };
  const pem = [own.key, own.certificate, corporation.certificate].map((file) => readFileSync(file, 'utf8'));
  const jks = makeJks({ keys: [{ key, chain }] }, 'hunter2');
  const pkcs12 = readFileSync(corporation.pkcs12(own, 'hunter2'));
  const stores = {
    'key.pem': pem.join(''),
    'key.jks': jks,
    'jks.p12': jks,
    'key.p12': pkcs12,
    'pkcs12.jks': pkcs12,
  };
  const trustStore = write(
    'trust.jks',
    makeJks({ trusted: [certificateIn(authority.certificate)] }, 'hunter2'),
  );
  const ca = readFileSync(corporation.certificate);
  const client = { ca, ...shown(authority.issue('alice', '/CN=alice')) };
  const colleague = { ca, ...shown(corporation.issue('colleague', '/CN=alice')) };
  for (const [name, bytes] of Object.entries(stores)) {
    const served = await serve(t, javaStores(write(name, bytes), trustStore));
    t.ok(await isAnswered(served, client), name);
    t.notOk(
      await isAnswered(served, colleague),
      `${name}: who signed the server’s key is not trusted for that`,
    );
  }
  const refusals: readonly (readonly [RegExp, string, string])[] = [
    [/trust\.jks: it must have one private key, and has 0/, trustStore, trustStore],
    [
      /key\.jks: it has no certificate that is marked as trusted/,
      write('key.jks', jks),
      join(directory, 'key.jks'),
    ],
    [/other\.jks: the password of the store is wrong/, write('other.jks', makeJks({}, 'other')), trustStore],
  ];
  for (const [message, keys, trusted] of refusals) {
    const error = await serve(t, javaStores(keys, trusted)).then(
      () => null,
      (reason: unknown) => reason as Error,
    );
    t.match(error, { name: 'ConfigError', message });
    t.notMatch(error?.message ?? '', 'hunter2');
  }
});

await t.test(
  'a key that is replaced counts from then on, and one that cannot be read does not',
  { skip },
  async (t) => {
    const directory = freshDirectory(t);
    const [before, after] = [new TestAuthority(directory, 'before'), new TestAuthority(directory, 'after')];
    const store = join(directory, 'store.pem');
    copyFileSync(before.issue('old', '/CN=localhost').pem, store);
    const served = await serve(t, [`ssl.keyStore.location=${store}`, 'ssl.clientAuth=none']);
    const issuer = async (): Promise<string> => {
      const socket = connect({
        host: '127.0.0.1',
        port: served.server.secureClientPort ?? 0,
        rejectUnauthorized: false,
      });
      await once(socket, 'secureConnect');
      const { issuer } = socket.getPeerCertificate();
      socket.destroy();
      return String(issuer.CN);
    };
    t.equal(await issuer(), 'before');
    copyFileSync(after.issue('new', '/CN=localhost').pem, store);
    while ((await issuer()) === 'before');
    t.equal(await issuer(), 'after');
    copyFileSync(before.certificate, store);
    // Each handshake is a reason to look.
    while (!served.log.join('').includes('what there was stays in force')) await issuer();
    t.equal(await issuer(), 'after');
  },
);

const refused = (...lines: readonly string[]): unknown =>
  parseServerConfig(['dataDir=/d', 'clientPort=1', 'secureClientPort=2', ...lines].join('\n'), {
    file: 'zoo.cfg',
    cwd: '/',
  });

await t.test('what is missing, or not read here, is said before anything starts', async (t) => {
  const cases: readonly (readonly [RegExp, ...string[]])[] = [
    [/ssl\.keyStore\.location is not/],
    [/ssl\.clientAuth is need, and ssl\.trustStore\.location is not set/, 'ssl.keyStore.location=k.pem'],
    [/named \.bcfks is not read here/, 'ssl.keyStore.location=k.bcfks', 'ssl.clientAuth=none'],
    [
      /TLSv1\.2, TLSv1\.3 or both/,
      'ssl.keyStore.location=k.pem',
      'ssl.clientAuth=none',
      'ssl.protocol=SSLv3',
    ],
    [/must be one of none, want, need/, 'ssl.clientAuth=maybe'],
    [
      /ssl\.keyStore\.passwordPath=.*there is no such file; put the password/,
      'ssl.keyStore.location=k.pem',
      'ssl.keyStore.passwordPath=nowhere',
    ],
  ];
  for (const [message, ...lines] of cases)
    t.throws(() => refused(...lines), { name: 'ConfigError', message }, lines.join(' '));
});

await t.test('the password of a store may be in a file', async (t) => {
  const { tls } = parseServerConfig(
    'dataDir=/d\nclientPort=1\nclient.portUnification=true\nssl.clientAuth=none\nssl.keyStore.location=k.p12\n' +
      'ssl.keyStore.password=not-this\nssl.keyStore.passwordPath=secret',
    {
      file: 'zoo.cfg',
      cwd: '/etc',
      readFile: (path) => {
        if (path === '/etc/secret') return Buffer.from('hüntér2 \n').toString('latin1');
        throw Object.assign(new Error('none'), { code: 'ENOENT' });
      },
    },
  );
  t.equal(tls?.keyStore.password?.reveal(), 'hüntér2 ');
});
