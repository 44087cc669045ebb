import type { Exchange } from '../transcript/happening.ts';
import { fateOf } from './fate.ts';

/** Since when something is known to be so: somebody has been told at this time, by a server of this epoch. */
export interface Known {
  readonly atNs: number;
  readonly epoch: number;
}

const EPOCH_SPAN = 2 ** 32;

/** That of the leader whose state an answer shows. */
export function epochOf({ reply }: Exchange): number {
  return Math.floor(Math.max(0, reply?.zxid ?? 0) / EPOCH_SPAN);
}

/** What an answer tells is so from then on. Null for a request that nobody has answered. */
export function knownBy(exchange: Exchange): Known | null {
  const { reply } = exchange;
  return reply === null ? null : { atNs: reply.receivedNs, epoch: epochOf(exchange) };
}

/** Why a read may not be older than something. */
export interface Reason {
  readonly words: string;
  readonly evidence: readonly Exchange[];
  readonly next: number;
}

/**
 * What reads have to show. A read may be old, but not older than the last `sync` of its session before it, which has
 * seen all that anybody had been told of when it was sent, nor than what its own session has been told before.
 *
 * A sync asks the leader and not a quorum: one that was replaced and does not know it yet may answer. So what clients
 * were told by a later epoch than the sync was need not be there. Such an epoch excuses and never accuses.
 */
export class Freshness {
  readonly #syncBefore = new Map<Exchange, Exchange>();

  /** `exchanges`: of all sessions, in the order in which they were sent. */
  constructor(exchanges: readonly Exchange[]) {
    const syncs = new Map<bigint, Exchange>();
    for (const exchange of exchanges) {
      const { session, op } = exchange;
      const sync = syncs.get(session);
      if (sync !== undefined) this.#syncBefore.set(exchange, sync);
      if (op?.f === 'sync' && fateOf(exchange) === 'done') syncs.set(session, exchange);
    }
  }

  /** The sync that says how old this may be, if there was one. */
  syncBefore(read: Exchange): Exchange | null {
    return this.#syncBefore.get(read) ?? null;
  }

  /**
   * In words and with what shows it, why a read has to show what was known at that time: for the sync behind it, which
   * becomes the finding's second operation; nothing where it was its own session's. `next`: the number behind it.
   */
  reasonFor(read: Exchange, knownNs: number): Reason {
    const sync = this.syncBefore(read);
    if (sync === null || sync.sentNs <= knownNs) return { words: '', evidence: [], next: 2 };
    return { words: ', its reader did a sync behind that [2]', evidence: [sync], next: 3 };
  }

  /** Whether a read has to show what was known to somebody. */
  mustShow(read: Exchange, known: Known | null): boolean {
    const sync = this.syncBefore(read);
    return sync !== null && known !== null && isKnownTo(sync, known);
  }

  /** Whether a read has to show that this was done. False for what nobody was told of. */
  mustShowWrite(read: Exchange, write: Exchange): boolean {
    const isOwn = read.session === write.session && write.xid < read.xid;
    return (isOwn || this.mustShow(read, knownBy(write))) && fateOf(write) === 'done';
  }
}

/** Whether whoever has this answered must have had what was known. */
export function isKnownTo(sync: Exchange, { atNs, epoch }: Known): boolean {
  return atNs < sync.sentNs && epoch <= epochOf(sync);
}
