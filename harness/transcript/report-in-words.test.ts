import t from 'tap';
import { zx } from '../model/ghost-tree.ts';
import { told } from '../recipes/testing/told.ts';
import type { Exchange } from './happening.ts';
import { inWords, type Named } from './report-in-words.ts';

const happenings = told('/r', '0 create a x | 1 set a y -> 1 | 2 get a -> x 0 | 2 event changed a');
const [create, set, get] = happenings.flatMap((each) => (each.type === 'reply' ? [each] : []));
if (create === undefined || set === undefined || get === undefined) throw new Error('three were answered');

function zxidOf({ exchange }: { readonly exchange: Exchange }): number {
  return exchange.reply?.zxid ?? -1;
}

function named(each: { readonly exchange: Exchange }): Named {
  return { evidence: each.exchange, zxid: zxidOf(each) };
}

await t.test('a reference stands behind each zxid, and they are numbered as they are read', async (t) => {
  const message = `C4: getData /r/a at ${zx(zxidOf(get))} shows 0 and not 1, as of ${zx(zxidOf(set))}`;
  const { explanation, ops } = inWords(message, get, [named(set)]);
  t.equal(
    explanation,
    `C4: getData /r/a at ${zx(zxidOf(get))} [1] shows 0 and not 1, as of ${zx(zxidOf(set))} [2]`,
  );
  t.same(
    ops.map(({ kind, process }) => [kind, process]),
    [
      ['getData /r/a', 2],
      ['setData /r/a v-1', 1],
    ],
  );
});

await t.test('what has no zxid in the message is referred to at its end, and nothing twice', async (t) => {
  const event = happenings.find(({ type }) => type === 'event') ?? null;
  t.match(inWords('C7: it is told of what it has not watched', event, []), {
    explanation: 'C7: it is told of what it has not watched [1]',
    ops: [{ kind: '/r/a was changed', outcome: 'told', node: '/r/a' }],
  });
  const message = `C5: ${zx(zxidOf(set))} is wrong`;
  t.equal(inWords(message, set, [named(set)]).explanation, `${message.slice(0, -9)} [1] is wrong`);
});

await t.test('where its zxid is named twice, what was looked at is the last', async (t) => {
  const zxid = zx(zxidOf(set));
  const event = {
    type: 'event',
    atNs: 1,
    client: 2,
    session: 3n,
    zxid: zxidOf(set),
    eventType: 3,
    path: '/r/a',
  } as const;
  const { explanation, ops } = inWords(`C8: it changed at ${zxid}, and was told at ${zxid} late`, event, [
    named(set),
  ]);
  t.equal(explanation, `C8: it changed at ${zxid} [1], and was told at ${zxid} [2] late`);
  t.same(
    ops.map(({ kind }) => kind),
    ['setData /r/a v-1', '/r/a was changed'],
  );
  t.equal(inWords(`C1: ${zxid}`, null, [named(set), named(set)]).ops.length, 1, 'and nothing twice');
});

await t.test('a zxid is not found within a longer one', async (t) => {
  const { explanation } = inWords(`C1: ${zx(zxidOf(create))}0 and ${zx(zxidOf(create))}`, null, [
    named(create),
  ]);
  t.equal(explanation, `C1: ${zx(zxidOf(create))}0 and ${zx(zxidOf(create))} [1]`);
});

await t.test('of what was found in the logs alone there is nothing to refer to', async (t) => {
  t.same(inWords('P8: servers 1 and 2 have different txns', null, []), {
    explanation: 'P8: servers 1 and 2 have different txns',
    ops: [],
  });
});
