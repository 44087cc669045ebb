import t from 'tap';
import { Client } from '../harness/client/client.ts';
import { startLogged } from './admin/testing/logged-server.ts';

/** Apache's server overflows its stack at every start from there on. */
const DEPTH = 4000;

await t.test(
  'a tree as deep as anybody allows is written to a snapshot, read at a start, and served',
  async (t) => {
    const directory = t.testdir({});
    const lines = [
      `stampede.maxDepth=${DEPTH}`,
      `stampede.maxPathLength=${2 * DEPTH}`,
      'snapCount=1000',
      'admin.enableServer=true',
      'admin.serverPort=0',
    ];
    const deepest = '/d'.repeat(DEPTH);
    const first = await startLogged(directory, lines);
    const client = await Client.connect({
      connectString: `127.0.0.1:${first.server.clientPort}`,
      sessionTimeoutMs: 10_000,
    });
    await Promise.all(
      Array.from({ length: DEPTH }, (_, depth) =>
        client.create('/d'.repeat(depth + 1), Buffer.from(String(depth))),
      ),
    );
    await t.rejects(client.create(`${deepest}/d`, null));
    await client.close();
    await first.server.stop();
    t.match(first.log.join(''), /napshot/);

    const second = await startLogged(directory, lines);
    const reader = await Client.connect({
      connectString: `127.0.0.1:${second.server.clientPort}`,
      sessionTimeoutMs: 10_000,
    });
    t.same((await reader.getData(deepest)).data, Buffer.from(String(DEPTH - 1)));
    const { znode_count: count } = (await (
      await fetch(`${second.urlOf('AdminServer')}/commands/monitor`)
    ).json()) as { znode_count: number };
    t.equal(count, DEPTH + 5);
    // Here and not in a teardown: by then tap has removed the directory, and a log may just be about to be begun.
    await reader.close();
    await second.server.stop();
  },
);
