import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Client } from '../harness/client/client.ts';
import { createApache, SMALL_JVM_FLAGS } from '../harness/ensemble/apache.ts';
import { findApache } from '../harness/ensemble/find-apache.ts';
import { freePorts } from '../harness/ensemble/free-ports.ts';
import type { ProcessEnsemble } from '../harness/ensemble/process-ensemble.ts';
import type { ServerId } from './base/server-id.ts';
import { readServerConfig } from './config-file.ts';
import { claimData, OWNER_FILE } from './data-owner.ts';
import { parseConfigText } from './zab/config-text.ts';

const search = findApache();
const skip = search.found ? false : search.why;

/** Apache's server as an ensemble of one: the only participant, so that it decides alone whoever else is listed. */
async function apacheOfOne(
  t: Test,
  { myid, config }: { readonly myid: number; readonly config: Readonly<Record<string, string>> },
): Promise<{ ensemble: ProcessEnsemble; directory: string }> {
  if (!search.found) throw new Error(search.why);
  const [quorum = 0, election = 0] = await freePorts(2);
  const own = `127.0.0.1:${quorum}:${election}`;
  const directory = t.testdir();
  const ensemble = await createApache({
    apache: search.apache,
    directory,
    jvmFlags: SMALL_JVM_FLAGS,
    config: { tickTime: '500', standaloneEnabled: 'false', [`server.${myid}`]: own, ...config },
  });
  writeFileSync(join(directory, '1/data/myid'), `${myid}\n`);
  t.teardown(() => ensemble.stop());
  return { ensemble, directory: join(directory, '1') };
}

async function configTextOf(ensemble: ProcessEnsemble): Promise<string> {
  const client = await Client.connect({ connectString: ensemble.connectString });
  try {
    const { data } = await client.getData('/zookeeper/config');
    return Buffer.from(data ?? []).toString();
  } finally {
    client.destroy();
  }
}

/** What this server makes of the configuration that Apache's has. */
function membershipOf(directory: string) {
  const { ensemble } = readServerConfig(join(directory, 'zoo.cfg'), { cwd: directory });
  if (ensemble === null) throw new Error('no ensemble');
  return ensemble.membership;
}

await t.test('of one configuration Apache and we make the same text', { skip }, async (t) => {
  // More than twelve, and its hash table grows.
  const many = Array.from({ length: 8 }, (_, i) => 40 + i);
  const { ensemble, directory } = await apacheOfOne(t, {
    myid: 18,
    config: {
      'server.35': '[::1]:2888:3888:observer;2181',
      'server.5': '[fe80::A:0:1]:2888:3888:Observer;[::]:2181',
      'server.20': '[::ffff:10.0.0.20]:2888:3888:observer;LocalHost:2181',
      'server.16': 'localhost:2888:3888:observer',
      ...Object.fromEntries(many.map((id) => [`server.${id}`, `10.0.0.${id}:2888:3888:observer`])),
      'group.17': '18',
      'weight.18': '3',
      'weight.16': '5',
    },
  });
  await ensemble.start();
  const text = await configTextOf(ensemble);
  t.equal(membershipOf(directory).text, text);
  t.equal(parseConfigText(text).text, text);
});

await t.test('a dynamic file that Apache wrote is read with its version', { skip }, async (t) => {
  const { ensemble, directory } = await apacheOfOne(t, {
    myid: 2,
    config: { reconfigEnabled: 'true', 'server.3': '127.0.0.1:2888:3888:observer;127.0.0.1:2181' },
  });
  t.equal(membershipOf(directory).version, 0);
  await ensemble.start();
  t.match(readFileSync(join(directory, 'zoo.cfg'), 'utf8'), /^dynamicConfigFile=/m, 'Apache moved the lines');
  const membership = membershipOf(directory);
  t.equal(membership.text, await configTextOf(ensemble));
  t.ok(membership.version > 0);
});

await t.test('Apache opens data that are marked as a server’s, and leaves the mark', { skip }, async (t) => {
  const { ensemble, directory } = await apacheOfOne(t, {
    myid: 1,
    config: { snapCount: '10', 'autopurge.purgeInterval': '1' },
  });
  const files = join(directory, 'data/version-2');
  mkdirSync(files);
  claimData({ snapDir: files, logDir: files }, 1 as ServerId);
  await ensemble.start();
  const client = await Client.connect({ connectString: ensemble.connectString });
  for (let i = 0; i < 50; i++) await client.create(`/n${i}`);
  await client.close();
  await ensemble.restart(1);
  const again = await Client.connect({ connectString: ensemble.connectString });
  t.teardown(() => again.destroy());
  t.ok(await again.exists('/n49'));
  t.ok(
    readdirSync(files).some((name) => name.startsWith('snapshot.1')),
    'and snapshots beside it',
  );
  t.equal(readFileSync(join(files, OWNER_FILE), 'latin1'), '1\n');
  t.notOk(existsSync(join(files, `tmp.${OWNER_FILE}`)));
});
