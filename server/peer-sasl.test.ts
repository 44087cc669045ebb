import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { InProcessEnsemble } from '../harness/ensemble/testing/in-process-ensemble.ts';
import { TestAuthority, whyNoCertificates } from './net/tls/testing/certificates.ts';

const IDS = [1, 2, 3] as const;
const MODULE = 'org.apache.zookeeper.server.auth.DigestLoginModule required';

function saslLines(directory: string, { own }: { readonly own: string }): string[] {
  const file = join(directory, `${own}.conf`);
  writeFileSync(
    file,
    `QuorumServer { ${MODULE} user_zk="hunter2"; };\nQuorumLearner { ${MODULE} username="zk" password="${own}"; };\n`,
  );
  return [`java.security.auth.login.config=${file}`, 'quorum.auth.enableSasl=true'];
}

const LEARNER = 'quorum.auth.learnerRequireSasl=true';
const SERVER = 'quorum.auth.serverRequireSasl=true';

async function create(t: Test): Promise<InProcessEnsemble> {
  const ensemble = await InProcessEnsemble.create();
  t.teardown(() => ensemble.end());
  return ensemble;
}

await t.test('servers begin to authenticate one by one while they serve', async (t) => {
  const ensemble = await create(t);
  const lines = saslLines(t.testdir(), { own: 'hunter2' });
  await Promise.all(IDS.map((id) => ensemble.start(id, [])));
  const steps = [lines, [...lines, LEARNER], [...lines, LEARNER, SERVER]];
  for (const [step, lines] of steps.entries()) {
    for (const id of IDS) {
      await ensemble.writeThrough((id % 3) + 1, `/${step}-before-${id}`);
      await ensemble.stop(id);
      await ensemble.start(id, lines);
      await ensemble.writeThrough(id, `/${step}-${id}`);
    }
  }
  const leader = await ensemble.leader();
  await ensemble.stop(leader);
  for (const id of IDS) if (id !== leader) await ensemble.writeThrough(id, `/after-${id}`);
  for (const id of IDS)
    t.notMatch(ensemble.logOf(id), /hunter2(?!\.conf)|does not authenticate|nobody whose password/);
});

await t.test(
  'who has another password is not let in, with TLS below or without',
  { skip: whyNoCertificates() },
  async (t) => {
    for (const isSecure of [false, true]) {
      await t.test(isSecure ? 'with TLS' : 'without', async (t) => {
        const ensemble = await create(t);
        const directory = t.testdir();
        const required = [LEARNER, SERVER];
        if (isSecure) {
          const authority = new TestAuthority(directory);
          required.push(
            'sslQuorum=true',
            `ssl.quorum.keyStore.location=${authority.issue('server', '/CN=server').pem}`,
            `ssl.quorum.trustStore.location=${authority.certificate}`,
            'ssl.quorum.trustStore.type=PEM',
          );
        }
        const right = [...saslLines(directory, { own: 'hunter2' }), ...required];
        await ensemble.start(1, right);
        await ensemble.start(2, right);
        await ensemble.writeThrough(1, '/before');
        await ensemble.start(3, [...saslLines(directory, { own: 'hunter3' }), ...required]);
        await ensemble.whenLogged(
          3,
          /no authentication at 127\.0\.0\.1:\d+: it does not take the name or the password/,
        );
        await ensemble.whenLogged(
          1,
          /QuorumAuth\] - 127\.0\.0\.1: it has authenticated as nobody .*; closed/,
        );
        await ensemble.writeThrough(2, '/after');
        for (const id of IDS) t.notMatch(ensemble.logOf(id), /hunter[23](?!\.conf)/);
        t.notMatch(ensemble.logOf(3), 'serving as');
      });
    }
  },
);
