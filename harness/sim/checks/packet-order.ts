import type { Ghost } from '../ghost/ghost.ts';
import type { GhostServer } from '../ghost/ghost-server.ts';
import { zx } from '../../model/ghost-tree.ts';

const PROPOSAL = 2;
const COMMIT = 4;
const INFORM = 8;
const NEWLEADER = 10;
const UPTODATE = 12;
const DIFF = 13;
const TRUNC = 14;
const SNAP = 15;
const LEADERINFO = 17;

const SYNC_NAMES = new Map([
  [DIFF, 'sync DIFF'],
  [TRUNC, 'sync TRUNC'],
  [SNAP, 'sync SNAP'],
]);

type Phase = 'epoch' | 'sync' | 'new leader' | 'up to date';

/** What one learner has been sent. */
interface Conversation {
  readonly leader: number;
  phase: Phase;
  lastProposed: number;
  lastCommitted: number;
}

/** P6: what a learner gets from one leader over one connection is in the order that the protocol has. */
export class PacketOrder {
  readonly #ghost: Ghost;
  /** By learner; each begins with LEADERINFO. */
  readonly #conversations = new Map<number, Conversation>();

  constructor(ghost: Ghost) {
    this.#ghost = ghost;
  }

  /** Looked at where packets arrive: what was sent over a connection that broke may never do so. */
  onPacket(learner: GhostServer, leader: number, type: number, zxid: number): void {
    if (type === LEADERINFO) {
      this.#conversations.set(learner.id, { leader, phase: 'epoch', lastProposed: 0, lastCommitted: 0 });
      return;
    }
    const conversation = this.#conversations.get(learner.id);
    if (conversation?.leader !== leader) {
      this.#report(learner, leader, `packet ${type} before LEADERINFO`);
      return;
    }
    switch (type) {
      case DIFF:
      case TRUNC:
      case SNAP:
        this.#move(learner, conversation, 'epoch', 'sync', type);
        this.#ghost.marks.hit(SYNC_NAMES.get(type) ?? 'sync');
        return;
      case NEWLEADER:
        this.#move(learner, conversation, 'sync', 'new leader', type);
        return;
      case UPTODATE:
        this.#move(learner, conversation, 'new leader', 'up to date', type);
        return;
      case PROPOSAL:
      case INFORM:
        this.#onProposal(learner, conversation, zxid);
        if (type === INFORM) this.#onCommit(learner, conversation, zxid);
        return;
      case COMMIT:
        this.#onCommit(learner, conversation, zxid);
        return;
      default:
    }
  }

  #move(learner: GhostServer, conversation: Conversation, from: Phase, to: Phase, type: number): void {
    if (conversation.phase !== from) {
      const where = `in the phase '${conversation.phase}' and not '${from}'`;
      this.#report(learner, conversation.leader, `packet ${type} ${where}`);
    }
    conversation.phase = to;
  }

  #onProposal(learner: GhostServer, conversation: Conversation, zxid: number): void {
    if (conversation.phase === 'epoch') {
      this.#report(learner, conversation.leader, `PROPOSAL of ${zx(zxid)} before any sync`);
    }
    if (zxid <= conversation.lastProposed) {
      const before = zx(conversation.lastProposed);
      this.#report(learner, conversation.leader, `PROPOSAL of ${zx(zxid)} behind that of ${before}`);
    }
    conversation.lastProposed = zxid;
  }

  #onCommit(learner: GhostServer, conversation: Conversation, zxid: number): void {
    const { lastProposed, lastCommitted } = conversation;
    if (zxid > lastProposed || zxid <= lastCommitted) {
      const seen = `proposed up to ${zx(lastProposed)}, committed up to ${zx(lastCommitted)}`;
      this.#report(learner, conversation.leader, `COMMIT of ${zx(zxid)}: ${seen}`);
    }
    conversation.lastCommitted = zxid;
  }

  #report(learner: GhostServer, leader: number, message: string): void {
    this.#ghost.report('P6', `from leader ${leader} to ${learner.id}: ${message}`);
  }
}
