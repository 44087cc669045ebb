import { assert } from '../../base/assert.ts';
import { ZXID_ZERO, type Zxid } from '../../base/zxid.ts';
import { JuteReader } from '../../wire/jute-reader.ts';
import { JuteWriter } from '../../wire/jute-writer.ts';
import { readTxnEntry, type TxnEntry } from '../../wire/txns/txn-entry.ts';
import type { TxnSink } from '../proposer.ts';

/**
 * A log in memory, whose disk answers when the test says so. What was begun to be written with `flush` becomes
 * durable with `complete`, as it does with a group commit: one write at a time, the rest gathers.
 */
export class HeldLog implements TxnSink {
  /** Every entry taken, as a log reader reads it back. */
  readonly entries: TxnEntry[] = [];
  /** False where so many are written that only their number counts. */
  keepsEntries = true;
  /** How long an entry may be, in bytes. */
  txnSizeMax = 1 << 20;
  readonly #writer = new JuteWriter();
  readonly #onDurable: (upTo: Zxid) => void;
  #begun: Zxid = ZXID_ZERO;
  #accepted: Zxid = ZXID_ZERO;
  #writing: Zxid | null = null;
  #durable: Zxid = ZXID_ZERO;

  constructor(onDurable: (upTo: Zxid) => void) {
    this.#onDurable = onDurable;
  }

  begin(zxid: Zxid): JuteWriter {
    assert(zxid > this.#accepted, 'zxids in the log must increase');
    this.#begun = zxid;
    this.#writer.clear();
    return this.#writer;
  }

  end(): boolean {
    if (this.#writer.length > this.txnSizeMax) return false;
    this.#accepted = this.#begun;
    if (this.keepsEntries) this.#keep(this.#writer.bytes().slice());
    return true;
  }

  #keep(bytes: Uint8Array): void {
    const reader = new JuteReader(bytes);
    this.entries.push(readTxnEntry(reader));
    assert(reader.remaining === 0, 'a log reader leaves bytes of an entry unread');
  }

  flush(): void {
    if (this.#writing === null && this.#accepted > this.#durable) this.#writing = this.#accepted;
  }

  get isWriting(): boolean {
    return this.#writing !== null;
  }

  /** The write that is running comes back from the disk. */
  complete(): void {
    const upTo = this.#writing;
    assert(upTo !== null, 'nothing is being written');
    this.#writing = null;
    this.#durable = upTo;
    this.#onDurable(upTo);
  }
}
