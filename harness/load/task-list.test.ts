import t from 'tap';
import { OpKind, ROOT_KEY } from '../history/op.ts';
import type { NextOp } from './load-op.ts';
import { finalTasks, TaskList } from './task-list.ts';

const CONNECTION_LOSS = -4;
const NO_NODE = -101;

function taken(list: TaskList): string {
  const next: NextOp = { kind: OpKind.check, key: 0, valueBytes: 0 };
  if (!list.take(next)) return 'nothing';
  return `${next.kind === OpKind.sync ? 'sync' : 'getData'} ${next.key}`;
}

await t.test(
  'what was lost with its connection is handed out again, and what was answered is not',
  async (t) => {
    const list = new TaskList(finalTasks({ keyCount: 6, lane: 1, lanes: 2, createdCount: 0 }), 8);
    t.equal(taken(list), `sync ${ROOT_KEY}`);
    t.same([taken(list), taken(list), taken(list)], ['getData 1', 'getData 3', 'getData 5']);
    t.equal(taken(list), 'nothing');
    list.missed(OpKind.getData, 3, CONNECTION_LOSS);
    list.missed(OpKind.getData, 5, NO_NODE);
    t.equal(list.isExhausted, false);
    t.equal(taken(list), 'getData 3');
    t.equal(list.isExhausted, true);
  },
);

await t.test('who comes back as a new session syncs before it reads on', async (t) => {
  const list = new TaskList(finalTasks({ keyCount: 6, lane: 1, lanes: 2, createdCount: 0 }), 8);
  for (let i = 0; i < 3; i++) taken(list);
  // Everything in flight ends with the connection, and then the generator starts over.
  list.missed(OpKind.getData, 1, CONNECTION_LOSS);
  list.missed(OpKind.getData, 3, CONNECTION_LOSS);
  list.missed(OpKind.sync, ROOT_KEY, CONNECTION_LOSS);
  t.equal(taken(list), `sync ${ROOT_KEY}`);
  t.same([taken(list), taken(list), taken(list)].toSorted(), ['getData 1', 'getData 3', 'getData 5']);
});
