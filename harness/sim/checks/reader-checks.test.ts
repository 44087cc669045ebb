import t from 'tap';
import { ErrorCode } from '../../../server/wire/error-code.ts';
import type { SessionId } from '../../../server/base/session-id.ts';
import { Ghost } from '../ghost/ghost.ts';
import { GhostConfigurations } from '../ghost/ghost-configurations.ts';
import { GhostServer } from '../ghost/ghost-server.ts';
import { Marks } from '../marks.ts';
import { createMembership } from '../../../server/zab/membership.ts';
import { Violations } from '../violations.ts';
import { ReaderReplies } from './reader-replies.ts';
import { checkEnd, checkOpened } from './reader-sessions.ts';

const ID = 0x0100_0000_0000_0007n as SessionId;
const TIMEOUT_MS = 1000;
const NOTHING = new Uint8Array(0);
const NO_NODE = { err: ErrorCode.noNode, body: NOTHING };
const READ = { f: 'exists', path: '/a', watch: false } as const;
const WRITE = { f: 'delete', path: '/a', version: -1 } as const;

function bench(): { readonly ghost: Ghost; readonly server: GhostServer; readonly replies: ReaderReplies } {
  const server = new GhostServer(1);
  const ghost = new Ghost([server], {
    violations: new Violations(() => ({ nowMs: 0, eventCount: 0 })),
    marks: new Marks(),
    isStandalone: false,
    origin: 0,
    zxidCounterMax: 2 ** 32,
    configurations: new GhostConfigurations(createMembership({ members: [] })),
  });
  return { ghost, server, replies: new ReaderReplies(ghost) };
}

function foundBy(ghost: Ghost): string | undefined {
  return ghost.violations.first?.property;
}

function sessionOf({ isLocal }: { readonly isLocal: boolean }) {
  const session = { id: ID, password: new Uint8Array(16), timeoutMs: TIMEOUT_MS };
  return { session, isLocal, heardAtMs: 5000 };
}

await t.test('where nothing can be written every write is refused', async (t) => {
  const { ghost, server, replies } = bench();
  replies.onReply(server, WRITE, { err: ErrorCode.notReadOnly, zxid: 0, body: NOTHING });
  t.equal(foundBy(ghost), undefined);
  replies.onReply(server, WRITE, { err: ErrorCode.ok, zxid: 0, body: NOTHING });
  t.equal(foundBy(ghost), 'C5');
});

await t.test('whoever reads is shown nothing older than before', async (t) => {
  const { ghost, server, replies } = bench();
  ghost.history.canon.push(1, 2);
  server.log.zxids.push(1, 2);
  replies.onReply(server, READ, { ...NO_NODE, zxid: 2 });
  t.equal(foundBy(ghost), undefined);
  replies.onReply(server, READ, { ...NO_NODE, zxid: 1 });
  t.equal(foundBy(ghost), 'C1');
});

await t.test('what is shown is what was committed at its zxid', async (t) => {
  const { ghost, server, replies } = bench();
  const body = new Uint8Array(100);
  replies.onReply(server, READ, { err: 0, zxid: 0, body });
  t.equal(foundBy(ghost), 'C4', 'a node that nobody made');
});

await t.test('what may still be committed is judged when that is known', async (t) => {
  for (const isCommitted of [true, false]) {
    const { ghost, server, replies } = bench();
    ghost.history.entries.set(1, {} as never);
    server.log.zxids.push(1);
    replies.onReply(server, READ, { err: 0, zxid: 1, body: new Uint8Array(100) });
    t.equal(foundBy(ghost), undefined);
    if (isCommitted) ghost.history.canon.push(1);
    replies.judgeOpen();
    t.equal(foundBy(ghost), isCommitted ? 'C4' : undefined);
    t.equal(ghost.marks.counts.get('read of what was never committed'), isCommitted ? undefined : 1);
  }
});

await t.test('what nobody has proposed nobody can show', async (t) => {
  const { ghost, server, replies } = bench();
  server.log.zxids.push(1);
  replies.onReply(server, READ, { ...NO_NODE, zxid: 1 });
  t.equal(foundBy(ghost), 'C4');
});

/** Which property breaks when a session is opened that has been asked for by this one, or by none. */
function opened(options: {
  readonly asked: SessionId | null;
  readonly isLocal: boolean;
  readonly isCommitted: boolean;
}): string | undefined {
  const { ghost } = bench();
  const { asked, isLocal, isCommitted } = options;
  if (isCommitted) ghost.tree.sessions.set(ID, TIMEOUT_MS);
  const { session, ...rest } = sessionOf({ isLocal });
  checkOpened(ghost, asked === null ? null : { ...rest, session: { ...session, id: asked } }, {
    id: ID,
    isLocal,
  });
  return foundBy(ghost);
}

await t.test(
  'a session comes back as itself, and without a quorum none of the ensemble’s does',
  async (t) => {
    t.equal(opened({ asked: null, isLocal: true, isCommitted: false }), undefined);
    t.equal(opened({ asked: ID, isLocal: true, isCommitted: false }), undefined);
    t.equal(opened({ asked: ID, isLocal: false, isCommitted: true }), undefined);
    t.equal(opened({ asked: 9n as SessionId, isLocal: true, isCommitted: false }), 'C11');
    t.equal(opened({ asked: null, isLocal: true, isCommitted: true }), 'C11');
    t.equal(opened({ asked: null, isLocal: false, isCommitted: false }), 'C11');
  },
);

/** Which property breaks when its client is told that the session has expired. */
function told(options: {
  readonly isLocal: boolean;
  readonly isByReadOnly: boolean;
  readonly silentMs?: number;
  readonly isClosing?: boolean;
}): string | undefined {
  const { ghost } = bench();
  const { isLocal, isByReadOnly, silentMs = 0, isClosing = false } = options;
  if (isClosing) ghost.history.closing.add(ID);
  const session = sessionOf({ isLocal });
  checkEnd(ghost, session, isByReadOnly, session.heardAtMs + silentMs);
  return foundBy(ghost);
}

await t.test('who is told that its session has expired is told the truth', async (t) => {
  const byServer = { isLocal: true, isByReadOnly: true };
  t.equal(told({ ...byServer, silentMs: TIMEOUT_MS }), undefined, 'its time was over');
  t.equal(told({ ...byServer, silentMs: TIMEOUT_MS / 2 }), 'C11');
  t.equal(told({ isLocal: true, isByReadOnly: false }), undefined, 'to a quorum it is none');
  t.equal(told({ isLocal: false, isByReadOnly: true }), 'C11', 'it may live');
  t.equal(told({ isLocal: false, isByReadOnly: false }), 'C11');
  t.equal(told({ isLocal: false, isByReadOnly: true, isClosing: true }), undefined);
});
