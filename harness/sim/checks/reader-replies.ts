import { JuteReader } from '../../../server/wire/jute-reader.ts';
import { ErrorCode } from '../../../server/wire/error-code.ts';
import { zx } from '../../model/ghost-tree.ts';
import { checkReadReply } from '../../model/reply-check.ts';
import { describeOp, isReadOp, type ReadOp, type RequestOp } from '../../model/request-op.ts';
import type { Ghost } from '../ghost/ghost.ts';
import { countUpTo, indexIn, type GhostServer } from '../ghost/ghost-server.ts';

/** Reads that could not be judged at once and are kept, of one client. */
const OPEN_MAX = 300;

export interface Reply {
  readonly err: number;
  readonly zxid: number;
  /** Gone when the call returns. */
  readonly body: Uint8Array;
}

/**
 * What a client that can do with reads is told, held against the model: C1 over all its sessions, C4, and C5: nothing
 * is acknowledged where nothing is written.
 *
 * A server without a quorum shows what its log holds, and whether the end of that was committed it cannot know. Such a
 * read is judged when the run is over, if the txn was committed after all. That somebody proposed it is asked at once.
 */
export class ReaderReplies {
  readonly #ghost: Ghost;
  readonly #reader = new JuteReader();
  #open: { readonly op: ReadOp; readonly reply: Reply }[] = [];
  /** The newest state shown. */
  lastZxid = 0;

  constructor(ghost: Ghost) {
    this.#ghost = ghost;
  }

  /** `from`: the server if it has no quorum; null if it has. */
  onReply(from: GhostServer | null, op: RequestOp, reply: Reply): void {
    const { err, zxid } = reply;
    if (zxid < this.lastZxid) {
      this.#ghost.report('C1', `a reader is shown ${zx(zxid)} after ${zx(this.lastZxid)}`);
    }
    this.lastZxid = Math.max(this.lastZxid, zxid);
    if (!isReadOp(op)) this.#onRefusal(op, err);
    else if (from === null) this.#judge(op, reply);
    else this.#onReadWithoutQuorum(from, op, reply);
  }

  judgeOpen(): void {
    for (const { op, reply } of this.#open.splice(0)) {
      if (this.#isCommitted(reply.zxid)) this.#judge(op, reply);
      else this.#ghost.marks.hit('read of what was never committed');
    }
  }

  #onRefusal(op: RequestOp, err: number): void {
    if (err !== ErrorCode.notReadOnly) {
      this.#ghost.report('C5', `${describeOp(op)} is answered ${err} where nothing can be written`);
    }
    this.#ghost.marks.hit('write refused without a quorum');
  }

  #onReadWithoutQuorum(from: GhostServer, op: ReadOp, { err, zxid, body }: Reply): void {
    const ghost = this.#ghost;
    ghost.marks.hit('read without a quorum');
    const shown = lastShown(from, zxid);
    if (this.#isCommitted(shown)) {
      this.#judge(op, { err, zxid: shown, body });
      return;
    }
    if (!ghost.history.entries.has(shown)) {
      ghost.report('C4', `${describeOp(op)} shows ${zx(zxid)}, which nobody proposed`);
    }
    if (this.#open.length < OPEN_MAX)
      this.#open.push({ op, reply: { err, zxid: shown, body: body.slice() } });
  }

  /** Whether the state at this zxid, which is a txn's, is one that all servers come by. */
  #isCommitted(zxid: number): boolean {
    const { canon, origin } = this.#ghost.history;
    return zxid <= origin || indexIn(canon, zxid) >= 0;
  }

  #judge(op: ReadOp, { err, zxid, body }: Reply): void {
    const reader = this.#reader;
    reader.reset(body, new DataView(body.buffer, body.byteOffset, body.byteLength), 0, body.length);
    checkReadReply(this.#ghost, op, { err, zxid, body: reader });
  }
}

/** The last txn of what a server shows: where an epoch begins there is none. */
function lastShown({ log }: GhostServer, zxid: number): number {
  const count = countUpTo(log.zxids, zxid);
  return log.zxids[count - 1] ?? Math.min(log.base, zxid);
}
