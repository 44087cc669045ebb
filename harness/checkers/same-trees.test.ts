import t from 'tap';
import type { FinalTrees } from '../history/final-trees.ts';
import { judgeHistory } from './judge.ts';
import { checkSameTrees } from './same-trees.ts';
import { create, final, getData, tinyHistory } from './self-test/tiny-history.ts';

const server = (serverId: number, digest: string | null = 'd1', error: string | null = null) => ({
  serverId,
  address: `127.0.0.1:${serverId}`,
  zxid: '0x100000007',
  digest,
  error,
});

const same: FinalTrees = {
  schema: 'stampede.trees/1',
  root: '/',
  convergedAfterMs: 12,
  nodes: 5,
  servers: [server(1), server(2), server(3)],
  differing: 0,
  differences: [],
};
const seen = [
  { serverId: 1, node: 'data 00, version 3' },
  { serverId: 2, node: 'no such node' },
];

function check(trees: FinalTrees | null) {
  return checkSameTrees(trees);
}

await t.test('the same trees are valid', async (t) => {
  t.match(check(same), { name: 'same-trees', verdict: 'valid', opsChecked: 5, anomalies: [] });
});

await t.test('trees that differ are invalid, told by the node', async (t) => {
  const differences = [{ path: '/stampede/k1', seen }];
  const differ = { ...same, servers: [server(1), server(2, 'd2')], differing: 40, differences };
  t.match(check(differ), { verdict: 'invalid', counts: { 'trees differ': 1 } });
  t.match(
    check(differ).anomalies[0]?.explanation,
    /^\/stampede\/k1, one of 40, is not .*: server 1 has data 00, version 3; server 2 has no such node$/,
  );
  t.match(check({ ...differ, differences: [] }), { verdict: 'invalid' }, 'their digests say it as well');
});

await t.test('what was not compared is unknown, and why', async (t) => {
  t.match(check(null), { verdict: 'unknown', counts: { 'trees not compared': 1 } });
  const unread = { ...same, servers: [server(1), server(2, null, 'ConnectionLoss')] };
  t.match(check(unread), {
    verdict: 'unknown',
    counts: { 'tree not read': 1 },
    anomalies: [{ explanation: 'server 2 (127.0.0.1:2): ConnectionLoss' }],
  });
  const servers = [server(1, null), server(2, null)];
  t.match(check({ ...same, convergedAfterMs: null, servers }), {
    verdict: 'unknown',
    counts: { 'servers not at one zxid': 1 },
    anomalies: [{ explanation: /server 1 at 0x100000007, server 2 at 0x100000007/ }],
  });
});

await t.test('a run is judged by its trees where it has them, or was to have them', async (t) => {
  const read = final(getData(1, 1, 10, { valueId: 100, version: 0, mzxid: 10 }));
  const history = tinyHistory([create(0, 1, 10, 100), read]);
  const promised = { acknowledgedOpsMin: 1, expectsTrees: true };
  t.equal(judgeHistory(history, promised).verdict, 'unknown');
  t.equal(judgeHistory(history, promised, same).verdict, 'valid');
  t.equal(judgeHistory(history, { acknowledgedOpsMin: 1 }).verdict, 'valid');
  const other = { ...same, servers: [server(1), server(2, 'd2')] };
  t.equal(judgeHistory(history, { acknowledgedOpsMin: 1 }, other).verdict, 'invalid');
});
