import t from 'tap';
import { Client } from '../client/client.ts';
import { createEmbedded } from './embedded.ts';
import type { EnsembleServer } from './ensemble.ts';
import { readTrees } from './read-trees.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Two servers that know nothing of each other, given the same txns: what is not alike is what differs. */
const pair = await Promise.all(
  ['a', 'b'].map(async (name) => createEmbedded({ directory: `${t.testdir({ a: {}, b: {} })}/${name}` })),
);
t.teardown(() => Promise.all(pair.map((ensemble) => ensemble.stop())));
await Promise.all(pair.map((ensemble) => ensemble.start()));
const servers = pair.map(({ servers: [server] }, index): EnsembleServer => {
  if (server === undefined) throw new Error('no server');
  const { clientAddress, program, dataDir, logFile } = server;
  return {
    id: index + 1,
    clientAddress,
    program,
    dataDir,
    logFile,
    isObserver: false,
    pid: null,
    operatorAddresses: {},
  };
});
const [first, second] = servers as [EnsembleServer, EnsembleServer];

async function fill({ clientAddress }: EnsembleServer, value: string): Promise<void> {
  const client = await Client.connect({ connectString: clientAddress });
  await client.create('/same');
  await client.create('/load', bytes('root'));
  for (let i = 0; i < 450; i++) await client.create(`/load/k${i}`, bytes(i === 307 ? value : 'same'));
  await client.create('/load/k1/deep', null);
  await client.close();
}
await fill(first, 'one');
await fill(second, 'two');

await t.test('one tree read twice is the same, down to its last node', async (t) => {
  const trees = await readTrees({ servers: [first, { ...first, id: 2 }], root: '/' });
  t.match(trees, {
    schema: 'stampede.trees/1',
    root: '/',
    nodes: 1 + 2 + 450 + 1,
    differing: 0,
    differences: [],
  });
  t.type(trees.convergedAfterMs, 'number');
  // The other server gets as many txns, by the sessions of its readers: they stay at one zxid.
  await readTrees({ servers: [second, { ...second, id: 1 }], root: '/' });
  const [one, other] = trees.servers;
  t.match(one, { serverId: 1, error: null, zxid: /^0x[0-9a-f]+$/, digest: /^[0-9a-f]{64}$/ });
  t.equal(one?.digest, other?.digest);
});

await t.test('what differs is counted, and shown node by node as far as there is room', async (t) => {
  const trees = await readTrees({ servers, root: '/load' });
  // Each server has its own clock, so they differ in every time.
  t.equal(trees.differing, trees.nodes);
  t.equal(trees.differences.length, 10);
  const [, one] = trees.differences;
  t.match(one, {
    path: '/load/k0',
    seen: [
      { serverId: 1, node: /^data [0-9a-f]{16}, version 0, czxid 0x[0-9a-f]+, .* 4 bytes, 0 children$/ },
      { serverId: 2 },
    ],
  });
  t.not(trees.servers[0]?.digest, trees.servers[1]?.digest);
  const [missing] = (await readTrees({ servers, root: '/load/k307' })).differences;
  const data = missing?.seen.map(({ node }) => node.split(',')[0]);
  t.not(data?.[0], data?.[1], 'the data is compared as well');
});

await t.test('servers that do not come to one zxid are not compared', async (t) => {
  const client = await Client.connect({ connectString: second.clientAddress });
  await client.create('/one-more');
  await client.close();
  const trees = await readTrees({ servers, root: '/', convergeTimeoutMs: 100 });
  t.match(trees, { convergedAfterMs: null, nodes: 0, differing: 0 });
  t.not(trees.servers[0]?.zxid, trees.servers[1]?.zxid);
  t.equal(trees.servers[0]?.digest, null);
});

await t.test(
  'of servers that others write to, what is below the root is compared after a sync',
  async (t) => {
    const trees = await readTrees({ servers, root: '/load/k1/deep', isShared: true });
    t.match(trees, { convergedAfterMs: Number, nodes: 1, differing: 1 });
    t.not(trees.servers[0]?.zxid, trees.servers[1]?.zxid);
  },
);

await t.test('what ends the reading early is said', async (t) => {
  const abort = new AbortController();
  abort.abort();
  const twice = [first, { ...first, id: 2 }];
  t.match(await readTrees({ servers: twice, root: '/', signal: abort.signal }), { convergedAfterMs: null });
  t.match((await readTrees({ servers: twice, root: '/', readTimeoutMs: -1 })).servers, [
    { digest: null, error: /not all of it was read after -1 ms/ },
    { digest: null, error: /not all of it/ },
  ]);
});
