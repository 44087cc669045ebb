import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Client } from '../client/client.ts';
import { apacheProgram, SMALL_JVM_FLAGS } from '../ensemble/apache.ts';
import { createEnsemble } from '../ensemble/create-ensemble.ts';
import { stampedeProgram } from '../ensemble/embedded.ts';
import { type Ensemble, leaderOf, type Roles } from '../ensemble/ensemble.ts';
import { findApache } from '../ensemble/find-apache.ts';
import type { ServerProgram } from '../ensemble/server-program.ts';
import { waitUntil } from '../ensemble/wait-until.ts';
import { ToxiproxyClient } from './client.ts';
import { ProxiedNetwork } from './proxied-network.ts';
import { startEmbedded } from './start-embedded.ts';

const WAIT = { timeoutMs: 60_000 };

/** Waits until the servers' roles are so. */
async function untilRoles(t: Test, ensemble: Ensemble, claim: string, are: (roles: Roles) => boolean) {
  let roles: Roles = new Map();
  const end = await waitUntil(async () => are((roles = await ensemble.roles())), WAIT);
  t.equal(end, 'met', `${claim}: ${JSON.stringify([...roles])}`);
  return roles;
}

async function clientOf(t: Test, connectString: string): Promise<Client> {
  const client = await Client.connect({ connectString, connectTimeoutMs: 30_000 });
  t.teardown(() => client.destroy());
  return client;
}

/** Elects, serves, loses its leader to a partition, elects another, and is whole again. */
async function survivesPartition(t: Test, program: ServerProgram): Promise<void> {
  const toxiproxy = await startEmbedded();
  t.teardown(() => toxiproxy.stop());
  const network = new ProxiedNetwork(new ToxiproxyClient(toxiproxy.url));
  const directory = t.testdir();
  const ensemble = await createEnsemble({
    directory,
    servers: [{ program }, { program }, { program }],
    config: { tickTime: '500', initLimit: '10', syncLimit: '4' },
    through: network.router,
  });
  t.teardown(() => ensemble.stop());
  const config = readFileSync(join(directory, '2/zoo.cfg'), 'utf8');
  t.match(config, /^server\.2=0\.0\.0\.0:/m);

  await ensemble.start();
  const leader = leaderOf(await ensemble.roles()) ?? 0;
  t.ok(leader > 0, 'it elects through the proxies');
  t.not(ensemble.connectString, ensemble.servers.map(({ clientAddress }) => clientAddress).join(','));
  const client = await clientOf(t, ensemble.connectString);
  await client.create('/before', Buffer.from('1'));

  await network.isolate(leader);
  const roles = await untilRoles(t, ensemble, 'another leads', (roles) => {
    const another = leaderOf(roles);
    return another !== null && another !== leader && roles.get(leader) === null;
  });
  const another = leaderOf(roles) ?? 0;
  const other = await clientOf(t, network.topology.clientAddressOf(another));
  await other.create('/during', Buffer.from('2'));

  await network.heal();
  await untilRoles(t, ensemble, 'the old one follows', (roles) => roles.get(leader) === 'follower');
  const old = await clientOf(t, network.topology.clientAddressOf(leader));
  await old.sync('/');
  const { data } = await old.getData('/during');
  t.equal(Buffer.from(data ?? []).toString(), '2', 'and has what it has missed');
}

await t.test('three servers of ours with all links through proxies', async (t) => {
  await survivesPartition(t, stampedeProgram());
});

const search = findApache();
await t.test(
  "three of Apache's servers with all links through proxies",
  { skip: search.found ? false : search.why },
  async (t) => {
    if (search.found) await survivesPartition(t, apacheProgram(search.apache, SMALL_JVM_FLAGS));
  },
);
