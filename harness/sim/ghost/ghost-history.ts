import { JuteReader } from '../../../server/wire/jute-reader.ts';
import { OpCode } from '../../../server/wire/opcode.ts';
import { readTxnEntry } from '../../../server/wire/txns/txn-entry.ts';
import type { TxnHeader } from '../../../server/wire/txns/txn-header.ts';
import type { Txn } from '../../../server/wire/txns/txn.ts';

/** A txn that some leader has proposed. */
export interface GhostEntry {
  readonly zxid: number;
  readonly proposer: number;
  readonly bytes: Uint8Array;
  readonly header: TxnHeader;
  readonly txn: Txn;
  /** Sent to others, too. */
  isProposed: boolean;
  /** A leader of a later epoch began without it. */
  isDead: boolean;
}

export interface Digest {
  readonly high: number;
  readonly low: number;
  /** Who had it first. */
  readonly server: number;
}

/** Every txn ever proposed, and which of them are decided: the one history that all servers must agree on. */
export class GhostHistory {
  readonly entries = new Map<number, GhostEntry>();
  /** The committed zxids, in order. */
  readonly canon: number[] = [];
  /** Proposed, and neither committed nor dead. */
  readonly open = new Set<GhostEntry>();
  readonly digests = new Map<number, Digest>();
  /** Which server led which epoch. */
  readonly epochOwners = new Map<number, number>();
  /** What everybody had when the simulation began. */
  readonly origin: number;
  readonly #reader = new JuteReader();

  constructor(origin: number) {
    this.origin = origin;
  }

  get lastCommitted(): number {
    return this.canon.at(-1) ?? this.origin;
  }

  /** Sessions whose end was proposed: from then on they are refused. */
  readonly closing = new Set<bigint>();

  /** As if it had never been proposed. */
  forgetAbove(zxid: number): void {
    for (const each of this.entries.keys()) if (each > zxid) this.entries.delete(each);
    for (const each of this.digests.keys()) if (each > zxid) this.digests.delete(each);
  }

  propose(proposer: number, zxid: number, entry: Uint8Array): GhostEntry {
    const bytes = entry.slice();
    this.#reader.reset(bytes, new DataView(bytes.buffer), 0, bytes.length);
    const { header, txn } = readTxnEntry(this.#reader);
    const made = { zxid, proposer, bytes, header, txn, isProposed: false, isDead: false };
    this.entries.set(zxid, made);
    this.open.add(made);
    if (txn.type === OpCode.closeSession) this.closing.add(header.clientId);
    return made;
  }
}
