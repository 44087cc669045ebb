import t from 'tap';
import type { SessionId } from '../../server/base/session-id.ts';
import type { Zxid } from '../../server/base/zxid.ts';
import { OpCode } from '../../server/wire/opcode.ts';
import type { Txn } from '../../server/wire/txns/txn.ts';
import { applyCommitted } from './committed-effect.ts';
import { GhostTree } from './ghost-tree.ts';
import { RequestLedger } from './request-ledger.ts';
import type { RequestedWrite } from './write-op.ts';

const OWNER = 7n as SessionId;
const OTHER = 8n as SessionId;
const NOT_EMPTY = { type: OpCode.error, err: -111 } as const;

function create(path: string, ephemeral: boolean): Txn {
  return { type: OpCode.create, path, data: null, acl: [], ephemeral, parentCVersion: 1 };
}

/** `/a` with an ephemeral child; then so many other writes, the end of its owner, others, and a request that is refused. */
function reportsOf(
  refused: { readonly op: RequestedWrite; readonly txn: Txn },
  { hasApacheServers = true, othersAfter = 0, keepsOwner = false } = {},
): string[] {
  const reports: string[] = [];
  const model = {
    hasApacheServers,
    tree: new GhostTree(),
    requests: new RequestLedger({ hasStrangers: true }),
    isCommitted: () => true,
    report: (property: string, message: string) => reports.push(`${property}: ${message}`),
    mark: () => undefined,
  };
  let last = 0;
  const commit = (clientId: SessionId, txn: Txn, cxid = 0): void => {
    const zxid = ++last as Zxid;
    applyCommitted(model, { header: { clientId, cxid, zxid, time: 0, type: txn.type }, txn });
  };
  commit(OWNER, { type: OpCode.createSession, timeOut: 1000 });
  commit(OTHER, { type: OpCode.createSession, timeOut: 1000 });
  commit(OTHER, create('/a', false));
  commit(OWNER, create('/a/b', true));
  if (keepsOwner) commit(OWNER, { type: OpCode.delete, path: '/a/b' });
  else commit(OWNER, { type: OpCode.closeSession, paths2Delete: ['/a/b'] });
  for (let i = 0; i < othersAfter; i++) commit(OTHER, { type: OpCode.error, err: -101 });
  model.requests.sent(OTHER, 1, refused.op);
  commit(OTHER, refused.txn, 1);
  return reports;
}

const DELETE = { op: { f: 'delete', path: '/a', version: -1 }, txn: NOT_EMPTY } as const;

await t.test(
  "Apache's leader may refuse a delete for a child that the end of its session has just taken",
  (t) => {
    t.same(reportsOf(DELETE), []);
    t.same(reportsOf(DELETE, { othersAfter: 900 }), []);
    const ops = [
      { f: 'check', path: '/a', version: -1 },
      { f: 'delete', path: '/a', version: -1 },
    ] as const;
    const txns = [{ type: OpCode.error, err: 0 }, NOT_EMPTY] as const;
    t.same(reportsOf({ op: { f: 'multi', ops }, txn: { type: OpCode.multi, txns } }), []);
    t.end();
  },
);

await t.test('and for nothing else, and no other may', (t) => {
  const wrong = [/^C5: .*refused with NotEmpty/u];
  t.match(reportsOf(DELETE, { hasApacheServers: false }), wrong);
  t.match(reportsOf(DELETE, { othersAfter: 1001 }), wrong);
  t.match(reportsOf(DELETE, { keepsOwner: true }), wrong);
  t.match(reportsOf({ ...DELETE, txn: { type: OpCode.error, err: -101 } }), [/^C5/u]);
  t.match(reportsOf({ op: { f: 'setData', path: '/a', data: null, version: -1 }, txn: NOT_EMPTY }), wrong);
  t.end();
});
