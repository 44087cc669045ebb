import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findApache } from '../../../harness/ensemble/find-apache.ts';
import { type Identity, TestAuthority } from '../../net/tls/testing/certificates.ts';
import { runProgram } from '../clients/run-program.ts';
import { type CaseResult, runCase } from '../clients/suite.ts';
import { sourcePath } from '../clients/testdata.ts';
import { runZooKeeperMain } from '../clients/zookeeper-main.ts';
import { pythonOf, whyNotInstalled } from '../kazoo-own/installation.ts';
import { saslFlags, type SecureTarget, startSecureTarget, tlsFlags } from './secure-target.ts';

const KAZOO_TIMEOUT_MS = 30_000;

/** A server, and files of a client's own. */
interface Scene {
  readonly target: SecureTarget;
  readonly authority: TestAuthority;
  readonly directory: string;
}

const CASES: readonly (readonly [string, (scene: Scene) => Promise<void>])[] = [
  ['zkCli over TLS and by SASL', zkCliByBoth],
  ['zkCli by SASL alone', zkCliBySasl],
  ['zkCli with a certificate of a stranger', zkCliOfAStranger],
  ['zkCli with a wrong password', zkCliWithAWrongPassword],
  ['kazoo over TLS', kazooOverTls],
  ['kazoo with a certificate of a stranger', kazooOfAStranger],
];

/** Why these clients cannot be run here; false when they can. */
export function whyNoClients(): string | false {
  const search = findApache();
  return search.found ? whyNotInstalled('2.8') : search.why;
}

/** Plays all cases against a server that is started for them; `directory` must be empty. */
export async function runSecureCases(name: 'ours' | 'apache', directory: string): Promise<CaseResult[]> {
  const authority = new TestAuthority(directory);
  const target = await startSecureTarget(name, directory, authority);
  try {
    // A JVM's start is most of what each takes.
    return await Promise.all(
      CASES.map(([what, play], index) => {
        const own = join(directory, `client-${index}`);
        mkdirSync(own);
        return runCase(what, () => play({ target, authority, directory: own }));
      }),
    );
  } finally {
    await target.stop();
  }
}

async function zkCliByBoth({ target, authority, directory }: Scene): Promise<void> {
  const own = authority.issue('client', '/CN=client');
  const { code, stdout } = await runZooKeeperMain(target.secureAddress, {
    flags: [...tlsFlags(directory, authority, own), ...saslFlags(directory, 's3cret')],
    input: session(
      'create /tls one',
      'get -w /tls',
      'set /tls two',
      'get /tls',
      'create /own x x509:CN=client:cdrwa',
      'get /own',
      'create /bob y sasl:bob:cdrwa',
      'get /bob',
      'whoami',
    ),
  });
  const lines = stdout.split('\n');
  for (const line of ['one', 'two', 'x', 'y', 'sasl: bob', 'x509: CN=client'])
    assert.ok(lines.includes(line), `no line “${line}” in:\n${stdout}`);
  assert.match(stdout, /WatchedEvent state:SyncConnected type:NodeDataChanged path:\/tls/);
  assert.equal(code, 0);
}

async function zkCliBySasl({ target, directory }: Scene): Promise<void> {
  const { code, stdout } = await runZooKeeperMain(target.address, {
    flags: saslFlags(directory, 's3cret'),
    input: session('create /sasl z sasl:bob:cdrwa', 'get /sasl', 'whoami'),
  });
  assert.match(stdout, /^z$/m);
  assert.match(stdout, /^sasl: bob$/m);
  assert.equal(code, 0);
}

async function zkCliOfAStranger({ target, authority, directory }: Scene): Promise<void> {
  const { code, stderr } = await runZooKeeperMain(target.secureAddress, {
    flags: tlsFlags(directory, authority, identityOfAStranger(directory)),
    command: ['ls', '/'],
  });
  assert.match(stderr, /ConnectionLoss/);
  assert.equal(code, 1);
}

async function zkCliWithAWrongPassword({ target, directory }: Scene): Promise<void> {
  const { code, stderr } = await runZooKeeperMain(target.address, {
    flags: saslFlags(directory, 'wrong'),
    command: ['ls', '/'],
  });
  assert.match(stderr, /AuthFailed/);
  assert.equal(code, 1);
}

async function kazooOverTls({ target, authority }: Scene): Promise<void> {
  const { code, stdout, stderr } = await kazoo(target, authority, authority.issue('kazoo', '/CN=kazoo'));
  assert.equal(stdout, 'one\nwatched\n', stderr);
  assert.equal(code, 0);
}

async function kazooOfAStranger({ target, authority, directory }: Scene): Promise<void> {
  const { code, stderr } = await kazoo(target, authority, identityOfAStranger(directory));
  assert.match(stderr, /KazooTimeoutError/);
  assert.equal(code, 1);
}

function kazoo({ secureAddress }: SecureTarget, authority: TestAuthority, own: Identity) {
  const files = [authority.certificate, own.certificate, own.key];
  return runProgram(pythonOf('2.8'), [sourcePath('secure/kazoo_tls.py'), secureAddress, ...files], {
    timeoutMs: KAZOO_TIMEOUT_MS,
  });
}

/** Of the same names, its authority's too: Java shows no certificate of one that the server does not name. */
function identityOfAStranger(directory: string): Identity {
  return new TestAuthority(directory).issue('eve', '/CN=client');
}

function session(...commands: readonly string[]): string {
  return [...commands, 'quit', ''].join('\n');
}
