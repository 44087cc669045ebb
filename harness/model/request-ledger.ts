import type { GhostNode } from './ghost-tree.ts';
import type { RequestedWrite } from './write-op.ts';

/** What one committed txn did, as the model has it. */
export interface GhostResult {
  readonly session: bigint;
  readonly cxid: number;
  readonly err: number;
  /** For each part of a multi; a single operation has one. */
  readonly parts: readonly GhostPart[];
}

export interface GhostPart {
  readonly err: number;
  readonly path: string;
  /** After it; null for a delete or a check. */
  readonly node: GhostNode | null;
}

interface SessionRequests {
  /** Sent writes by their xid. */
  readonly writes: Map<number, RequestedWrite>;
  lastCxid: number;
}

/** What clients asked for, and what became of it. */
export class RequestLedger {
  readonly #sessions = new Map<bigint, SessionRequests>();
  /** By zxid. */
  readonly results = new Map<number, GhostResult>();
  /** The highest zxid of a write that its client was told of. */
  ackedZxid = 0;
  ackedWrites = 0;
  ackedReads = 0;
  /** Sent, and never answered. */
  readonly #lost: { readonly session: bigint; readonly xid: number }[] = [];
  readonly #hasStrangers: boolean;

  /** `hasStrangers`: there are clients besides those whose requests are told here. */
  constructor({ hasStrangers }: { readonly hasStrangers: boolean }) {
    this.#hasStrangers = hasStrangers;
  }

  /** Whether all that this session asked for is told here. */
  isKnown(session: bigint): boolean {
    return !this.#hasStrangers || this.#sessions.has(session);
  }

  sent(session: bigint, xid: number, op: RequestedWrite): void {
    this.#of(session).writes.set(xid, op);
  }

  /** The connection was lost before the answer came. */
  lost(session: bigint, xid: number): void {
    this.#lost.push({ session, xid });
  }

  /** What became of those. */
  fates(): (readonly ['done' | 'lost', number])[] {
    const seen = new Set<string>();
    for (const { session, cxid } of this.results.values()) seen.add(`${session} ${cxid}`);
    const done = this.#lost.filter(({ session, xid }) => seen.has(`${session} ${xid}`)).length;
    return [
      ['done', done],
      ['lost', this.#lost.length - done],
    ];
  }

  writeOf(session: bigint, xid: number): RequestedWrite | undefined {
    return this.#sessions.get(session)?.writes.get(xid);
  }

  /** Whether requests of one session become txns in the order they were sent, none of them twice. */
  isInOrder(session: bigint, cxid: number): boolean {
    const requests = this.#of(session);
    if (cxid <= requests.lastCxid) return false;
    requests.lastCxid = cxid;
    return true;
  }

  #of(session: bigint): SessionRequests {
    let requests = this.#sessions.get(session);
    if (requests === undefined) this.#sessions.set(session, (requests = { writes: new Map(), lastCxid: 0 }));
    return requests;
  }
}
