import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../../../harness/ensemble/free-ports.ts';
import type { Identity, TestAuthority } from '../../net/tls/testing/certificates.ts';
import { type JksEntries, makeJks } from '../../net/tls/testing/make-jks.ts';
import { startTarget, type Target } from '../targets.ts';

const AUTH = 'org.apache.zookeeper.server.auth';
const JAAS_PROPERTY = 'java.security.auth.login.config';
const STORE_PASSWORD = 'changeit';

export interface SecureTarget extends Target {
  /** `host:port`, where TLS is spoken. */
  readonly secureAddress: string;
}

/** A server with stores of Java's own kind that trusts whom `authority` knows, and with bob's password. */
export async function startSecureTarget(
  name: 'ours' | 'apache',
  directory: string,
  authority: TestAuthority,
): Promise<SecureTarget> {
  const [secureClientPort = 0] = await freePorts(1);
  const keyStore = writeJks(
    join(directory, 'server.jks'),
    identity(authority.issue('server', '/CN=localhost')),
  );
  const trustStore = writeJks(join(directory, 'trust.jks'), trust(authority));
  const jaas = join(directory, 'server.jaas');
  writeFileSync(jaas, `Server { ${AUTH}.DigestLoginModule required user_bob="s3cret"; };\n`);
  const target = await startTarget(name, {
    directory: join(directory, name),
    config: {
      secureClientPort: String(secureClientPort),
      serverCnxnFactory: 'org.apache.zookeeper.server.NettyServerCnxnFactory',
      'ssl.keyStore.location': keyStore,
      'ssl.keyStore.password': STORE_PASSWORD,
      'ssl.trustStore.location': trustStore,
      'ssl.trustStore.password': STORE_PASSWORD,
      'authProvider.1': `${AUTH}.SASLAuthenticationProvider`,
      'fips-mode': 'false',
      'admin.enableServer': 'false',
      ...(name === 'ours' ? { [JAAS_PROPERTY]: jaas } : {}),
    },
    jvmFlags: [`-D${JAAS_PROPERTY}=${jaas}`],
  });
  return { ...target, secureAddress: `127.0.0.1:${secureClientPort}` };
}

/** What zkCli's JVM is told to show `own` and to trust whom `authority` knows. */
export function tlsFlags(directory: string, authority: TestAuthority, own: Identity): string[] {
  const keyStore = writeJks(join(directory, 'client.jks'), identity(own));
  const trustStore = writeJks(join(directory, 'client-trust.jks'), trust(authority));
  return [
    '-Dzookeeper.client.secure=true',
    '-Dzookeeper.clientCnxnSocket=org.apache.zookeeper.ClientCnxnSocketNetty',
    `-Dzookeeper.ssl.keyStore.location=${keyStore}`,
    `-Dzookeeper.ssl.keyStore.password=${STORE_PASSWORD}`,
    `-Dzookeeper.ssl.trustStore.location=${trustStore}`,
    `-Dzookeeper.ssl.trustStore.password=${STORE_PASSWORD}`,
  ];
}

/** … and to authenticate as bob. */
export function saslFlags(directory: string, password: string): string[] {
  const jaas = join(directory, 'client.jaas');
  writeFileSync(
    jaas,
    `Client { ${AUTH}.DigestLoginModule required username="bob" password="${password}"; };\n`,
  );
  return [`-D${JAAS_PROPERTY}=${jaas}`, '-Dzookeeper.fips-mode=false'];
}

function writeJks(path: string, entries: JksEntries): string {
  writeFileSync(path, makeJks(entries, STORE_PASSWORD));
  return path;
}

function identity({ key, certificate }: Identity): JksEntries {
  const der = createPrivateKey(readFileSync(key)).export({ type: 'pkcs8', format: 'der' });
  return { keys: [{ key: der, chain: [certificateIn(certificate)] }] };
}

function trust(authority: TestAuthority): JksEntries {
  return { trusted: [certificateIn(authority.certificate)] };
}

function certificateIn(file: string): Buffer {
  return new X509Certificate(readFileSync(file)).raw;
}
