import type { Ghost } from '../ghost/ghost.ts';
import type { GhostServer } from '../ghost/ghost-server.ts';
import { zx } from '../ghost/ghost-tree.ts';

const PROPOSAL = 2;
const ACK = 3;
const COMMIT = 4;
const INFORM = 8;
const NEWLEADER = 10;
const FOLLOWERINFO = 11;
const UPTODATE = 12;
const DIFF = 13;
const TRUNC = 14;
const SNAP = 15;
const OBSERVERINFO = 16;
const LEADERINFO = 17;
const ACKEPOCH = 18;

const SYNC_NAMES = new Map([
  [DIFF, 'sync DIFF'],
  [TRUNC, 'sync TRUNC'],
  [SNAP, 'sync SNAP'],
]);

type Phase = 'info' | 'epoch' | 'sync header' | 'sync' | 'new leader' | 'up to date';

/** What one learner has been sent over one connection. */
interface Conversation {
  phase: Phase;
  lastProposed: number;
  lastCommitted: number;
  lastAcked: number;
}

/** P6: what goes over one connection between a leader and a learner is in the order the protocol has. */
export class PacketOrder {
  readonly #ghost: Ghost;
  readonly #conversations = new Map<number, Conversation>();

  constructor(ghost: Ghost) {
    this.#ghost = ghost;
  }

  /** Looked at where packets are sent: what was sent over a connection that broke may never arrive. */
  onPacket(server: GhostServer, direction: 'out' | 'in', peer: number, type: number, zxid: number): void {
    if (direction === 'in') {
      // A learner begins anew with FOLLOWERINFO: its leader learns of it when it arrives.
      if (type === FOLLOWERINFO || type === OBSERVERINFO) this.#begin(server.id, peer);
      else if (type === ACKEPOCH) this.#move(server.id, peer, 'epoch', 'sync header', type);
      else if (type === ACK) this.#onAck(server.id, peer, zxid);
      return;
    }
    const conversation = this.#conversations.get(server.id * 1000 + peer);
    if (conversation === undefined) return;
    switch (type) {
      case LEADERINFO:
        this.#move(server.id, peer, 'info', 'epoch', type);
        return;
      case DIFF:
      case TRUNC:
      case SNAP:
        this.#move(server.id, peer, 'sync header', 'sync', type);
        this.#ghost.marks.hit(SYNC_NAMES.get(type) ?? 'sync');
        return;
      case NEWLEADER:
        this.#move(server.id, peer, 'sync', 'new leader', type);
        return;
      case UPTODATE:
        this.#move(server.id, peer, 'new leader', 'up to date', type);
        return;
      case PROPOSAL:
      case INFORM:
        this.#onProposal(server.id, peer, conversation, zxid);
        return;
      case COMMIT:
        this.#onCommit(server.id, peer, conversation, zxid);
        return;
      default:
    }
  }

  #begin(leader: number, learner: number): void {
    this.#conversations.set(leader * 1000 + learner, {
      phase: 'info',
      lastProposed: 0,
      lastCommitted: 0,
      lastAcked: 0,
    });
  }

  #move(leader: number, learner: number, from: Phase, to: Phase, type: number): void {
    const conversation = this.#conversations.get(leader * 1000 + learner);
    if (conversation === undefined) return;
    if (conversation.phase !== from) {
      this.#report(leader, learner, `packet ${type} in the phase '${conversation.phase}' and not '${from}'`);
    }
    conversation.phase = to;
  }

  #onProposal(leader: number, learner: number, conversation: Conversation, zxid: number): void {
    if (
      conversation.phase !== 'sync' &&
      conversation.phase !== 'new leader' &&
      conversation.phase !== 'up to date'
    ) {
      this.#report(leader, learner, `PROPOSAL of ${zx(zxid)} in the phase '${conversation.phase}'`);
    }
    if (zxid <= conversation.lastProposed) {
      this.#report(
        leader,
        learner,
        `PROPOSAL of ${zx(zxid)} behind that of ${zx(conversation.lastProposed)}`,
      );
    }
    conversation.lastProposed = zxid;
  }

  #onCommit(leader: number, learner: number, conversation: Conversation, zxid: number): void {
    if (zxid > conversation.lastProposed || zxid <= conversation.lastCommitted) {
      this.#report(
        leader,
        learner,
        `COMMIT of ${zx(zxid)} behind that of ${zx(conversation.lastCommitted)}, ` +
          `proposed up to ${zx(conversation.lastProposed)}`,
      );
    }
    conversation.lastCommitted = zxid;
  }

  #onAck(leader: number, learner: number, zxid: number): void {
    const conversation = this.#conversations.get(leader * 1000 + learner);
    if (conversation === undefined || zxid % 2 ** 32 === 0) return;
    if (zxid < conversation.lastAcked) {
      this.#report(leader, learner, `ACK of ${zx(zxid)} behind that of ${zx(conversation.lastAcked)}`);
    }
    conversation.lastAcked = zxid;
  }

  #report(leader: number, learner: number, message: string): void {
    this.#ghost.report('P6', `between leader ${leader} and ${learner}: ${message}`);
  }
}
