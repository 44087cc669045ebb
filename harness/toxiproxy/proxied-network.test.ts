import t from 'tap';
import { createEnsemble } from '../ensemble/create-ensemble.ts';
import { actor } from '../ensemble/testing/actor.ts';
import { waitUntil } from '../ensemble/wait-until.ts';
import { ToxiproxyClient } from './client.ts';
import { ProxiedNetwork } from './proxied-network.ts';
import { startEmbedded } from './start-embedded.ts';
import { dialed, type Ending } from './testing/peer.ts';

const WAIT = { timeoutMs: 20_000 };

/** Three servers that only say what they are, started, and the network they would talk through. */
async function networkOf(t: Ending & { testdir(): string }) {
  const toxiproxy = await startEmbedded();
  t.teardown(() => toxiproxy.stop());
  const client = new ToxiproxyClient(toxiproxy.url);
  const network = new ProxiedNetwork(client);
  const program = actor('actor', 'leader', 'follower', 'follower');
  const servers = [{ program }, { program }, { program }];
  const ensemble = await createEnsemble({ directory: t.testdir(), servers, through: network.router });
  t.teardown(() => ensemble.stop());
  await ensemble.start();
  const closed = async (): Promise<string[]> =>
    (await client.list()).flatMap(({ name, enabled }) => (enabled ? [] : [name])).sort();
  return { network, ensemble, client, closed };
}

const AROUND_1 = ['1-2', '1-3', '2-1', '3-1'].flatMap((way) => [`election-${way}`, `quorum-${way}`]).sort();
const TO_2 = ['client-2', 'election-1-2', 'election-3-2', 'quorum-1-2', 'quorum-3-2'];

await t.test('clients come through the proxies', async (t) => {
  const { network, ensemble } = await networkOf(t);
  t.equal(ensemble.connectString, [1, 2, 3].map((id) => network.topology.clientAddressOf(id)).join(','));
  const client = await dialed(t, network.topology.clientAddressOf(2));
  await client.untilEvent('end');
  t.equal(client.text, 'Mode: follower\n');
});

await t.test(
  'a partition closes what crosses it and nothing else, and is healed with all toxics',
  async (t) => {
    const { network, client, closed } = await networkOf(t);
    await network.isolate(1);
    t.same(await closed(), AROUND_1);
    await network.isolate(2);
    t.same(
      await closed(),
      [...new Set([...AROUND_1, 'election-2-3', 'election-3-2', 'quorum-2-3', 'quorum-3-2'])].sort(),
    );
    await client.addToxic('client-1', { type: 'latency' });
    await network.heal();
    t.same(await closed(), []);
    t.same(await client.toxics('client-1'), []);
  },
);

await t.test('the ways to a server that has ended are closed until it is started again', async (t) => {
  const { network, ensemble, closed } = await networkOf(t);
  const areClosed = (names: readonly string[]) => async (): Promise<boolean> =>
    String(await closed()) === String([...names].sort());
  await ensemble.kill(2);
  t.equal(await waitUntil(areClosed(TO_2), WAIT), 'met');
  await network.isolate(1);
  t.same(await closed(), [...new Set([...AROUND_1, ...TO_2])].sort());
  await network.heal();
  t.same(await closed(), [...TO_2].sort(), 'no partition, and still nobody there');
  await network.isolate(1);
  await ensemble.restart(2);
  t.same(await closed(), AROUND_1, 'somebody there, and still a partition');
  process.kill(ensemble.servers[2]?.pid ?? 0, 'SIGKILL');
  await waitUntil(async () => (await closed()).includes('client-3'), WAIT);
  t.ok((await closed()).includes('client-3'), 'also when nobody here has ended it');
});

await t.test('a network is for one ensemble', async (t) => {
  const { network } = await networkOf(t);
  await t.rejects(network.router([]), /has its ensemble already/);
  t.throws(() => new ProxiedNetwork(network.toxiproxy).topology, /no ensemble/);
});
