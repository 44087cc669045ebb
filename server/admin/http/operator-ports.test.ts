import { once } from 'node:events';
import { renameSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Client } from '../../../harness/client/client.ts';
import { fourLetterWord } from '../../../harness/ensemble/four-letter-word.ts';
import { type LoggedServer, startLogged, urlIn } from '../testing/logged-server.ts';

const PROMETHEUS = 'org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider';

async function start(t: Test, lines: readonly string[]): Promise<LoggedServer> {
  const started = await startLogged(t.testdir({}), lines);
  t.teardown(() => started.server.stop());
  return started;
}

await t.test('a running server tells operators of itself, and Prometheus', async (t) => {
  const { server, log, urlOf } = await start(t, [
    'admin.enableServer=true',
    'admin.serverPort=0',
    'fsync.warningthresholdms=0',
    `metricsProvider.className=${PROMETHEUS}`,
    'metricsProvider.httpHost=127.0.0.1',
    'metricsProvider.httpPort=0',
  ]);
  const client = await Client.connect({
    connectString: `127.0.0.1:${server.clientPort}`,
    sessionTimeoutMs: 10_000,
  });
  t.teardown(() => client.close());
  await client.create('/a', Buffer.from('x'));

  const admin = urlOf('AdminServer');
  const stats = (await (await fetch(`${admin}/commands/stats`)).json()) as Record<string, unknown>;
  t.match(stats, { node_count: 6, connections: [{ packets_received: Number }], error: null });
  const { server_stats: own } = stats as { server_stats: { fsync_threshold_exceed_count: number } };
  t.ok(own.fsync_threshold_exceed_count >= 2, 'flushes that took longer than the threshold are counted');
  t.match(log.join(''), /WARN .*Disk\] - a flush of the log took \d+ ms/, 'and told of');
  t.match(await (await fetch(`${admin}/commands`)).text(), '<a href="/commands/stats">stats</a>');
  t.equal((await fetch(`${admin}/metrics`)).status, 404);

  const response = await fetch(`${urlOf('MetricsProvider')}/metrics`);
  t.match(response.headers.get('content-type'), 'version=0.0.4');
  const metrics = await response.text();
  t.match(metrics, /^znode_count 6$/m);
  t.match(metrics, /^fsynctime_count [1-9]/m, 'what the disk took is measured');
  t.match(metrics, /^sync_processor_batch_size_sum [1-9]/m, 'and what was written at once');
  t.match(metrics, /^process_resident_memory_bytes [1-9]/m);

  await server.stop();
  await t.rejects(fetch(`${admin}/commands/ruok`), 'who has stopped answers nobody');
});

await t.test('a port that is taken is told of, and clients are served all the same', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.teardown(() => other.close());
  const { port } = other.address() as AddressInfo;
  const { server, log } = await start(t, ['admin.enableServer=true', `admin.serverPort=${port}`]);
  t.match(log.join(''), /WARN .*AdminServer\] - listen EADDRINUSE/);
  t.ok(server.clientPort > 0);
});

await t.test('who asks before there is anything to tell of is told so', async (t) => {
  const answers: Promise<Response>[] = [];
  const { server } = await startLogged(t.testdir({}), ['admin.enableServer=true', 'admin.serverPort=0'], {
    onLine: (line) => {
      const url = urlIn(line, 'AdminServer');
      if (url !== '') answers.push(fetch(`${url}/commands/stats`));
    },
  });
  t.teardown(() => server.stop());
  t.equal((await answers[0])?.status, 200);
});

await t.test('of a directory that cannot be read nothing is told, and the server goes on', async (t) => {
  const directory = t.testdir({});
  const { server, urlOf } = await startLogged(directory, [
    'admin.enableServer=true',
    'admin.serverPort=0',
    '4lw.commands.whitelist=*',
  ]);
  t.teardown(() => server.stop());
  const [there, elsewhere] = ['data/version-2', 'elsewhere'].map((name) => join(directory, name)) as [
    string,
    string,
  ];
  const ask = async (name: string): Promise<unknown> =>
    (await fetch(`${urlOf('AdminServer')}/commands/${name}`)).json();
  renameSync(there, elsewhere);
  t.match(await ask('dirs'), { datadir_size: 0, logdir_size: 0, error: null });
  t.match(await ask('stats'), { error: null });
  t.match(await ask('last_snapshot'), { zxid: '-1', timestamp: -1, error: null });
  t.match(await fourLetterWord(`127.0.0.1:${server.clientPort}`, 'conf'), 'dataDirSize=0');
  renameSync(elsewhere, there);
  t.match(await ask('last_snapshot'), { zxid: '0', error: null });
});

await t.test('where nobody asks for it there is no port but that of the clients', async (t) => {
  const { log } = await start(t, []);
  t.notMatch(log.join(''), /AdminServer|MetricsProvider/);
});
