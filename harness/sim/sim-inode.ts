import type { Prng } from '../../server/base/prng.ts';

const SECTOR_BYTES = 512;
const CONTENT_BYTES_MIN = 4096;

/** A change of content since the last flush. A truncation has no bytes and `offset` is the new length. */
interface Change {
  readonly type: 'write' | 'truncate';
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** What a change took the place of. */
interface Undo {
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly length: number;
}

/** A file's content, as readers see it and as the disk has it. */
export class SimInode {
  readonly #cached = new Content();
  #changes: Change[] = [];
  /** For each change; what the disk has is made from them only when somebody wants to know. */
  #undos: Undo[] = [];
  /**
   * What the disk has, where the changes and what they took the place of do not say it: since a flush has failed,
   * or was of a range only.
   */
  #durable: Content | null = null;

  /** What a reader sees; a view that is good until the next change. */
  bytes(): Uint8Array {
    return this.#cached.bytes();
  }

  write(bytes: Uint8Array, offset: number): void {
    this.#change({ type: 'write', offset, bytes: bytes.slice() }, offset + bytes.length);
  }

  truncate(length: number): void {
    this.#change({ type: 'truncate', offset: length, bytes: new Uint8Array(0) }, Infinity);
  }

  flush(): void {
    if (this.#durable !== null) for (const change of this.#changes) this.#durable.apply(change);
    this.#forgetChanges();
  }

  /**
   * What a reader sees of this range is on the disk, and of anything else that was not flushed still nothing is
   * certain. A truncation goes along, with what came before it: the file's length is needed to read the range.
   */
  flushRange(offset: number, length: number): void {
    const end = offset + length;
    const durable = this.#durableContent();
    const truncations = this.#changes.findLastIndex(({ type }) => type === 'truncate') + 1;
    for (const change of this.#changes.slice(0, truncations)) durable.apply(change);
    durable.apply({ type: 'write', offset, bytes: this.#cached.bytes().slice(offset, end) });
    this.#durable = durable;
    this.#undos = [];
    this.#changes = this.#changes.slice(truncations).flatMap((change) => outside(change, offset, end));
  }

  /**
   * The kernel calls the pages clean although they never reached the disk: readers see the new bytes or the
   * old, and no later flush will write them.
   */
  failFlush(reverts: boolean): void {
    const durable = this.#durableContent();
    if (reverts) this.#cached.become(durable.bytes());
    this.#durable = reverts ? null : durable;
    this.#forgetChanges();
  }

  /** Any part of this is on the disk, and readers see just that part. */
  writePart(bytes: Uint8Array, offset: number, prng: Prng): void {
    const content = new Content();
    content.become(this.#cached.bytes());
    tear({ type: 'write', offset, bytes }, content, prng);
    const seen = content.bytes().subarray(offset, offset + bytes.length);
    this.write(seen, offset);
    this.flushRange(offset, seen.length);
  }

  /** Something was written that a crash may take away. */
  get isDirty(): boolean {
    return this.#changes.length > 0;
  }

  /** Content that a crash now could leave behind. */
  crashImage(prng: Prng): Uint8Array {
    const content = new Content();
    content.become(this.#durableContent().bytes());
    for (const change of this.#changes) tear(change, content, prng);
    return content.bytes().slice();
  }

  #change(change: Change, end: number): void {
    const before = this.#cached.bytes();
    const from = Math.min(change.offset, before.length);
    if (this.#durable === null) {
      this.#undos.push({
        offset: from,
        bytes: before.slice(from, Math.min(end, before.length)),
        length: before.length,
      });
    }
    this.#cached.apply(change);
    this.#changes.push(change);
  }

  #forgetChanges(): void {
    this.#changes = [];
    this.#undos = [];
  }

  /** What the disk has, or a copy of it. */
  #durableContent(): Content {
    if (this.#durable !== null) return this.#durable;
    const content = new Content();
    content.become(this.#cached.bytes());
    for (const { offset, bytes, length } of this.#undos.toReversed()) {
      content.apply({ type: 'write', offset, bytes });
      content.apply({ type: 'truncate', offset: length, bytes: NO_BYTES });
    }
    return content;
  }
}

const NO_BYTES = new Uint8Array(0);

/** What a write put before and behind this range. */
function outside({ type, offset, bytes }: Change, start: number, end: number): readonly Change[] {
  const before = bytes.subarray(0, Math.max(0, start - offset));
  const behindAt = Math.max(offset, end);
  const behind = bytes.subarray(behindAt - offset);
  return [
    { type, offset, bytes: before },
    { type, offset: behindAt, bytes: behind },
  ].filter(({ bytes }) => bytes.length > 0);
}

function tear(change: Change, content: Content, prng: Prng): void {
  const fate = prng.below(5);
  if (fate === 0) return;
  if (fate === 1 || change.type === 'truncate') {
    content.apply(change);
    return;
  }
  const { offset, bytes } = change;
  if (fate === 2) {
    content.apply({ ...change, bytes: bytes.subarray(0, prng.below(bytes.length + 1)) });
    return;
  }
  // The file may have got its new length and none, or not all, of what belongs there.
  if (fate === 3 || prng.next() < 0.5) content.reach(offset + bytes.length);
  const keptShare = prng.next();
  for (let start = 0; start < bytes.length;) {
    const end = Math.min(bytes.length, start + SECTOR_BYTES - ((offset + start) % SECTOR_BYTES));
    if (prng.next() < keptShare) {
      content.apply({ type: 'write', offset: offset + start, bytes: bytes.subarray(start, end) });
    }
    start = end;
  }
}

/** Bytes that grow; what was never written reads as zeros. */
class Content {
  #memory = new Uint8Array(0);
  #length = 0;

  bytes(): Uint8Array {
    return this.#memory.subarray(0, this.#length);
  }

  become(bytes: Uint8Array): void {
    this.#memory = bytes.slice();
    this.#length = bytes.length;
  }

  reach(length: number): void {
    if (length > this.#memory.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#memory.length, CONTENT_BYTES_MIN));
      larger.set(this.bytes());
      this.#memory = larger;
    }
    this.#length = Math.max(this.#length, length);
  }

  apply(change: Change): void {
    if (change.type === 'truncate') {
      if (change.offset > this.#length) this.reach(change.offset);
      this.#memory.fill(0, change.offset);
      this.#length = change.offset;
      return;
    }
    this.reach(change.offset + change.bytes.length);
    this.#memory.set(change.bytes, change.offset);
  }
}
