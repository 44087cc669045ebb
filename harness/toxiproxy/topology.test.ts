import t from 'tap';
import type { Member } from '../ensemble/zoo-config.ts';
import { linksOf, Topology } from './topology.ts';

const member = (id: number, isObserver = false): Member => ({
  id,
  isObserver,
  clientPort: 2180 + id,
  quorumPort: 2880 + id,
  electionPort: 3880 + id,
});

/** Whose proxies listen from port 100 on. */
function topologyOf(...members: readonly Member[]): Topology {
  return new Topology(
    members,
    linksOf(members).map((_, i) => 100 + i),
  );
}

await t.test('two servers have four ways between them, and one each for clients', async (t) => {
  t.same(topologyOf(member(1), member(2)).proxies, [
    { name: 'quorum-1-2', listen: '127.0.0.1:100', upstream: '127.0.0.1:2882' },
    { name: 'election-1-2', listen: '127.0.0.1:101', upstream: '127.0.0.1:3882' },
    { name: 'quorum-2-1', listen: '127.0.0.1:102', upstream: '127.0.0.1:2881' },
    { name: 'election-2-1', listen: '127.0.0.1:103', upstream: '127.0.0.1:3881' },
    { name: 'client-1', listen: '127.0.0.1:104', upstream: '127.0.0.1:2181' },
    { name: 'client-2', listen: '127.0.0.1:105', upstream: '127.0.0.1:2182' },
  ]);
});

await t.test('N servers have 2 N (N − 1) + N ways, and one alone has that of its clients', async (t) => {
  for (const [servers, ways] of [
    [1, 1],
    [3, 15],
    [5, 45],
  ] as const) {
    const links = linksOf(Array.from({ length: servers }, (_, i) => member(i + 1)));
    t.equal(links.length, ways);
    t.equal(new Set(links.map(({ name }) => name)).size, ways);
  }
});

await t.test('a server sees itself everywhere, and every other behind proxies of its own', async (t) => {
  const topology = topologyOf(member(1), member(2), member(3, true));
  const seen = new Set<number>();
  for (const id of [1, 2, 3]) {
    const view = topology.viewOf(id);
    t.same(
      view.map((address) => [address.id, address.isObserver]),
      [
        [1, false],
        [2, false],
        [3, true],
      ],
    );
    const own = view[id - 1];
    t.match(own, { host: '0.0.0.0', quorumPort: 2880 + id, electionPort: 3880 + id });
    for (const { id: to, host, quorumPort, electionPort } of view) {
      if (to === id) continue;
      t.equal(host, '127.0.0.1');
      for (const [kind, port] of [
        ['quorum', quorumPort],
        ['election', electionPort],
      ] as const) {
        const proxy = topology.proxies.find(({ listen }) => listen === `127.0.0.1:${port}`);
        t.equal(proxy?.name, `${kind}-${id}-${to}`);
        t.notOk(seen.has(port));
        seen.add(port);
      }
    }
  }
  t.equal(topology.clientAddressOf(2), '127.0.0.1:113');
});

await t.test('a pair is cut by its four links, a group by those across its border', async (t) => {
  const topology = topologyOf(member(1), member(2), member(3), member(4));
  t.same(
    topology.between(3, 1).map(({ name }) => name),
    ['quorum-1-3', 'election-1-3', 'quorum-3-1', 'election-3-1'],
  );
  t.equal(topology.around([1]).length, 3 * 4);
  t.equal(topology.around([1, 2]).length, 4 * 4);
  t.notOk(topology.around([1, 2]).some(({ name }) => /-1-2|-2-1|client/.test(name)));
});

await t.test('every link needs a port', async (t) => {
  t.throws(() => new Topology([member(1), member(2)], [1, 2, 3]), /6 links need as many ports, not 3/);
});
