import t from 'tap';
import { NO_SESSION } from '../base/session-id.ts';
import type { Zxid } from '../base/zxid.ts';
import { ascii, OPEN_ACL } from '../pipeline/testing/bodies.ts';
import { DataTree } from './data-tree.ts';
import { QuotaText } from './quota-text.ts';
import type { Quotas } from './quotas.ts';

const textOf = (data: Uint8Array | null): string => String.fromCharCode(...(data ?? []));

/** A tree that is changed by one txn after the other. */
class Changes {
  readonly tree = new DataTree({ digestEnabled: true });
  #zxid = 0;

  constructor() {
    this.tree.createSystemNodes();
  }

  create(path: string, data = ''): void {
    const zxid = ++this.#zxid as Zxid;
    this.tree.create(path, ascii(data), OPEN_ACL, NO_SESSION, -1, zxid, 1);
  }

  set(path: string, data: string): void {
    this.tree.setData(path, ascii(data), 1, ++this.#zxid as Zxid, 1);
  }

  delete(path: string): void {
    this.tree.delete(path, ++this.#zxid as Zxid);
  }

  /** As `setquota` does it, whose statistics begin with whatever it likes. */
  limit(path: string, limits: string): void {
    const above = path.split('/').slice(1);
    for (let depth = 1; depth <= above.length; depth++) {
      const quotaPath = `/zookeeper/quota/${above.slice(0, depth).join('/')}`;
      if (this.tree.get(quotaPath) === undefined) this.create(quotaPath);
    }
    this.create(`/zookeeper/quota${path}/zookeeper_limits`, limits);
    this.create(`/zookeeper/quota${path}/zookeeper_stats`, 'count=0,bytes=0');
  }

  stats(path: string): string {
    return textOf(this.tree.get(`/zookeeper/quota${path}/zookeeper_stats`)?.data ?? null);
  }
}

function forbids(quotas: Quotas, path: string, count: number, bytes: number): boolean {
  return quotas.exceededBy(path, count, bytes).some(({ isHard }) => isHard);
}

await t.test('the use is counted when limits are set, and kept from there', async (t) => {
  const changes = new Changes();
  changes.create('/q', 'four');
  changes.create('/q/a', '12');
  changes.limit('/q', 'count=3,bytes=100');
  t.equal(changes.stats('/q'), 'count=2,bytes=6');
  changes.create('/q/a/deep', '123');
  changes.create('/qq', 'beside it');
  t.equal(changes.stats('/q'), 'count=3,bytes=9');
  changes.set('/q/a', '');
  changes.delete('/q/a/deep');
  t.equal(changes.stats('/q'), 'count=2,bytes=4');
  const stat = changes.tree.get('/zookeeper/quota/q/zookeeper_stats');
  t.equal(stat?.version, 0, 'it is no change that a client made');
});

await t.test('of limits inside limits the inner ones count, and after them the outer again', async (t) => {
  const changes = new Changes();
  for (const path of ['/q', '/q/a']) changes.create(path, 'x');
  changes.limit('/q', 'count=9');
  changes.limit('/q/a', 'count=9');
  changes.create('/q/a/b', 'xx');
  t.equal(changes.stats('/q'), 'count=2,bytes=2');
  t.equal(changes.stats('/q/a'), 'count=2,bytes=3');
  changes.delete('/zookeeper/quota/q/a/zookeeper_limits');
  changes.create('/q/a/c');
  t.equal(changes.stats('/q'), 'count=3,bytes=2');
});

await t.test('a server that comes back counts anew', async (t) => {
  const changes = new Changes();
  for (const path of ['/q', '/q/a', '/other']) changes.create(path, 'x');
  changes.limit('/q', 'count=9');
  const again = new DataTree({ digestEnabled: true });
  for (const path of ['', '/zookeeper', '/zookeeper/quota', '/zookeeper/quota/q', '/q', '/q/a', '/other']) {
    const node = changes.tree.get(path === '' ? '/' : path);
    if (node !== undefined) again.restoreNode(path, node.data, node.aclId, node);
  }
  for (const [name, data] of [
    ['zookeeper_limits', 'count=9'],
    ['zookeeper_stats', 'count=77,bytes=77'],
  ] as const) {
    const path = `/zookeeper/quota/q/${name}`;
    const node = changes.tree.get(path);
    if (node !== undefined) again.restoreNode(path, ascii(data), node.aclId, node);
  }
  again.quotas.rebuild();
  t.equal(textOf(again.get('/zookeeper/quota/q/zookeeper_stats')?.data ?? null), 'count=2,bytes=2');
  again.create('/q/b', ascii('xyz'), OPEN_ACL, NO_SESSION, -1, 99 as Zxid, 1);
  t.equal(textOf(again.get('/zookeeper/quota/q/zookeeper_stats')?.data ?? null), 'count=3,bytes=5');
});

await t.test('hard limits forbid what goes beyond them, soft ones nothing', async (t) => {
  const changes = new Changes();
  changes.create('/q', '123456');
  changes.limit('/q', 'count=1,bytes=1=;byteHardLimit=10;countHardLimit=2');
  const { quotas } = changes.tree;
  t.notOk(forbids(quotas, '/q/a', 1, 4), 'up to the limit');
  t.ok(forbids(quotas, '/q/a', 1, 5));
  t.notOk(forbids(quotas, '/q', 0, -6));
  t.ok(forbids(quotas, '/q', 0, 5));
  t.notOk(forbids(quotas, '/other', 1, 100));
  changes.create('/q/a');
  t.ok(forbids(quotas, '/q/b', 1, 0));
  changes.create('/s', '123456');
  changes.limit('/s', 'count=1,bytes=10');
  t.same(quotas.exceededBy('/s/a', 1, 4), [
    { path: '/s', what: 'count', isHard: false, limit: 1, wanted: 2 },
  ]);
  t.equal(quotas.exceededBy('/s', 0, 5)[0]?.what, 'bytes');
});

await t.test('the whole tree has no limits, and what looks like some elsewhere is none', async (t) => {
  const changes = new Changes();
  changes.create('/zookeeper/quota/zookeeper_limits', 'count=1=;countHardLimit=1');
  changes.create('/zookeeper/quota/zookeeper_stats', 'count=5,bytes=5');
  changes.create('/a');
  changes.create('/a/zookeeper_limits', 'count=1=;countHardLimit=1');
  changes.create('/a/zookeeper_stats', 'count=5,bytes=5');
  t.notOk(forbids(changes.tree.quotas, '/a/b', 1, 1));
  t.equal(textOf(changes.tree.get('/a/zookeeper_stats')?.data ?? null), 'count=5,bytes=5');
});

await t.test('what clients may write there is read for what can be read', async (t) => {
  for (const [text, count, hard] of [
    ['count=5,bytes=7', 5, -1],
    ['count=5,bytes=7=;countHardLimit=3', 5, 3],
    ['bytes=', -1, -1],
    ['count', -1, -1],
    ['=,;=;;', -1, -1],
    ['count=99999999999999999999', -1, -1],
    ['count=1e3;countHardLimit=0', -1, 0],
    ['\u0000\u00ff', -1, -1],
  ] as const) {
    const read = new QuotaText(ascii(text));
    t.same([read.get('count'), read.get('countHardLimit')], [count, hard], JSON.stringify(text));
  }
  t.equal(textOf(new QuotaText(null).bytes()), 'count=-1,bytes=-1');
});
