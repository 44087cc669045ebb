import { readFileSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect, type ConnectionOptions } from 'node:tls';
import t, { type Test } from 'tap';
import { InProcessEnsemble } from '../harness/ensemble/testing/in-process-ensemble.ts';
import { type Identity, TestAuthority, whyNoCertificates } from './net/tls/testing/certificates.ts';

const skip = whyNoCertificates();
const IDS = [1, 2, 3] as const;

async function ensembleOf(t: Test, lines: readonly string[], ids: readonly number[] = IDS) {
  const ensemble = await InProcessEnsemble.create();
  t.teardown(() => ensemble.end());
  await Promise.all(ids.map((id) => ensemble.start(id, lines)));
  return ensemble;
}

const stores = (authority: TestAuthority, own: Identity): string[] => [
  `ssl.quorum.keyStore.location=${own.pem}`,
  `ssl.quorum.trustStore.location=${authority.certificate}`,
  'ssl.quorum.trustStore.type=PEM',
];

const shown = ({ key, certificate }: Identity): ConnectionOptions => ({
  key: readFileSync(key),
  cert: readFileSync(certificate),
});

function whenClosed(socket: Socket): Promise<void> {
  socket.resume().on('error', () => undefined);
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

await t.test('servers speak TLS with each other, and go on when the leader ends', { skip }, async (t) => {
  const authority = new TestAuthority(t.testdir());
  const store = authority.pkcs12(authority.issue('server', '/CN=server'), 'hunter2');
  const lines = [
    'sslQuorum=true',
    `ssl.quorum.keyStore.location=${store}`,
    'ssl.quorum.keyStore.password=hunter2',
    `ssl.quorum.trustStore.location=${authority.certificate}`,
    'ssl.quorum.trustStore.type=PEM',
    'ssl.quorum.ciphersuites=TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_AES_128_GCM_SHA256',
  ];
  const ensemble = await ensembleOf(t, lines);
  for (const id of IDS) await ensemble.writeThrough(id, `/before-${id}`);
  const first = await ensemble.leader();
  await ensemble.stop(first);
  const others = IDS.filter((id) => id !== first);
  for (const id of others) await ensemble.writeThrough(id, `/between-${id}`);
  t.not(await ensemble.leader(), first);
  await ensemble.start(first, lines);
  await ensemble.writeThrough(first, '/after');
  for (const id of IDS) {
    t.notMatch(ensemble.logOf(id), /hunter2|PeerListener/, 'nobody was refused');
  }
});

await t.test('whoever else comes is refused with a line, and the others go on', { skip }, async (t) => {
  const directory = t.testdir();
  const authority = new TestAuthority(directory);
  const stranger = new TestAuthority(directory, 'stranger');
  const ensemble = await ensembleOf(
    t,
    ['sslQuorum=true', ...stores(authority, authority.issue('server', '/CN=server'))],
    [1, 2],
  );
  await ensemble.writeThrough(1, '/before');
  const ca = readFileSync(authority.certificate);
  const end = async (port: number, options: ConnectionOptions | null): Promise<void> => {
    const socket =
      options === null
        ? connectTcp(port, '127.0.0.1', () => socket.write(Buffer.alloc(64)))
        : connect({ port, host: '127.0.0.1', ca, ...options });
    await whenClosed(socket);
  };
  const named = authority.issue('named', '/CN=localhost', 'DNS:zoo9,IP:10.9.9.9');
  const cases: readonly (readonly [string, ConnectionOptions | null, RegExp])[] = [
    ['without TLS', null, /127\.0\.0\.1: .*wrong version number.*; closed/],
    ['without a certificate', {}, /127\.0\.0\.1: .*peer did not return a certificate.*; closed/],
    ['of a stranger', shown(stranger.issue('eve', '/CN=server')), /127\.0\.0\.1: .*; closed/],
    [
      'of another host',
      shown(named),
      /127\.0\.0\.1: its certificate is for DNS:zoo9, IP Address:10\.9\.9\.9: neither .*; closed/,
    ],
  ];
  for (const [name, options, line] of cases) {
    for (const port of [ensemble.electionPort(1), ensemble.quorumPort(1)]) {
      const before = ensemble.logOf(1).length;
      await end(port, options);
      t.match(ensemble.logOf(1).slice(before), line, name);
    }
  }
  await ensemble.start(3, ['sslQuorum=true', ...stores(authority, stranger.issue('other', '/CN=server'))]);
  await ensemble.whenLogged(3, /PeerDialer.*127\.0\.0\.1:\d+ closed a connection at once/);
  await ensemble.stop(3);
  await ensemble.writeThrough(2, '/after');
});

await t.test('nobody connects to a server whose certificate is for another host', { skip }, async (t) => {
  const authority = new TestAuthority(t.testdir());
  const own = stores(authority, authority.issue('server', '/CN=server'));
  const ensemble = await ensembleOf(t, [], []);
  const named = stores(authority, authority.issue('named', '/CN=localhost', 'DNS:zoo9'));
  await ensemble.start(1, ['sslQuorum=true', ...named]);
  await ensemble.start(2, ['sslQuorum=true', ...own]);
  await ensemble.start(3, ['sslQuorum=true', ...own]);
  await ensemble.whenLogged(
    3,
    /no connection to server 1 at 127\.0\.0\.1:\d+: its certificate is for DNS:zoo9, and not for 127\.0\.0\.1/,
  );
  await ensemble.writeThrough(2, '/without-it');
  await ensemble.stop(1);
  const before = ensemble.logOf(3).length;
  await Promise.all(
    ([2, 3] as const).map(async (id) => {
      await ensemble.stop(id);
      await ensemble.start(id, ['sslQuorum=true', 'ssl.quorum.hostnameVerification=false', ...own]);
    }),
  );
  await ensemble.start(1, ['sslQuorum=true', 'ssl.quorum.hostnameVerification=false', ...named]);
  await ensemble.writeThrough(1, '/unless-that-is-not-looked-at');
  t.notMatch(ensemble.logOf(3).slice(before), /its certificate is for/);
});

await t.test('servers go over to TLS one by one while they serve', { skip }, async (t) => {
  const authority = new TestAuthority(t.testdir());
  const keys = stores(authority, authority.issue('server', '/CN=server'));
  const ensemble = await ensembleOf(t, []);
  const steps = [
    ['portUnification=true', ...keys],
    ['portUnification=true', 'sslQuorum=true', ...keys],
    ['sslQuorum=true', ...keys],
  ];
  for (const [step, lines] of steps.entries()) {
    for (const id of IDS) {
      await ensemble.writeThrough((id % 3) + 1, `/${step}-before-${id}`);
      await ensemble.stop(id);
      await ensemble.start(id, lines);
      await ensemble.writeThrough(id, `/${step}-${id}`);
    }
  }
  t.match(ensemble.logOf(1), /PeerListener\] - 127\.0\.0\.1 comes without TLS/, 'as long as anybody does');
  const before = ensemble.logOf(1).length;
  const socket = connectTcp(ensemble.electionPort(1), '127.0.0.1', () => socket.write(Buffer.alloc(64)));
  await whenClosed(socket);
  t.match(ensemble.logOf(1).slice(before), /wrong version number/, 'and not in the end');
});
