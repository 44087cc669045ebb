import t from 'tap';
import { Client } from '../../../harness/client/client.ts';
import { createEnsemble } from '../../../harness/ensemble/create-ensemble.ts';
import { stampedeProgram } from '../../../harness/ensemble/embedded.ts';
import { waitUntil } from '../../../harness/ensemble/wait-until.ts';
import { CONFIG_FOR } from '../../../harness/http/http-workload.ts';

interface Observers {
  readonly synced_observers: number;
  readonly observers: readonly Readonly<Record<string, unknown>>[];
}

await t.test('a leader lists its observers, and what went to and came from them', async (t) => {
  const program = stampedeProgram();
  const ensemble = await createEnsemble({
    servers: [{ program }, { program }, { program, isObserver: true }],
    directory: t.testdir({}),
    config: { ...CONFIG_FOR.admin, tickTime: '500' },
  });
  t.teardown(() => ensemble.stop());
  await ensemble.start();
  const startedAt = Date.now();
  const [observer] = ensemble.servers.filter(({ isObserver }) => isObserver);
  const client = await Client.connect({ connectString: observer?.clientAddress ?? '' });
  const { stat } = await client.create('/a', null);
  const ask = async (id: number, command: string): Promise<Observers> => {
    const address = ensemble.servers.find((server) => server.id === id)?.operatorAddresses.admin;
    return (await (await fetch(`http://${address}/commands/${command}`)).json()) as Observers;
  };
  const roles = await ensemble.roles();
  const idOf = (wanted: string): number => [...roles].find(([, role]) => role === wanted)?.[0] ?? 0;
  const leader = idOf('leader');
  await waitUntil(async () => (await ask(leader, 'observers')).observers.length > 0, { timeoutMs: 10_000 });
  const { synced_observers: count, observers } = await ask(leader, 'observers');
  t.equal(count, 1);
  t.match(observers, [
    {
      remote_socket_address: /^\/127\.0\.0\.1:\d+$/,
      sid: observer?.id,
      queued_packets: Number,
      queued_packets_size: Number,
    },
  ]);
  const [listed = {}] = observers;
  t.same(Object.keys(listed), [
    'remote_socket_address',
    'sid',
    'established',
    'queued_packets',
    'queued_packets_size',
    'packets_received',
    'packets_sent',
    'requests',
    'last_zxid',
  ]);
  t.ok(Math.abs(Number(listed['established']) - startedAt) < 60_000);
  t.ok(Number(listed['last_zxid']) >= stat.czxid);
  // The session, and the znode.
  t.ok(Number(listed['requests']) >= 2 && Number(listed['packets_received']) > Number(listed['requests']));
  t.ok(Number(listed['packets_sent']) > 3);

  await ask(leader, 'observer_connection_stat_reset');
  t.match((await ask(leader, 'observers')).observers, [{ sid: observer?.id, requests: 0 }]);
  t.match(await ask(idOf('follower'), 'observers'), { synced_observers: 0, observers: [] });
  await client.close();
});
