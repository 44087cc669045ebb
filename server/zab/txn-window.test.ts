import t from 'tap';
import { Prng } from '../base/prng.ts';
import { makeZxid, ZXID_ZERO, type Zxid } from '../base/zxid.ts';
import { TxnWindow } from './txn-window.ts';

function entry(prng: Prng, bytes: number): Uint8Array {
  const { buffer } = Uint32Array.from({ length: Math.ceil(bytes / 4) }, () => prng.uint32());
  return new Uint8Array(buffer, 0, bytes);
}

/** The same as arrays, with nothing clever. */
class Model {
  base: Zxid = ZXID_ZERO;
  zxids: Zxid[] = [];
  entries: Uint8Array[] = [];
  committed = 0;

  forget(countMin: number, bytesMax: number): void {
    while (this.committed > countMin && this.entries.reduce((sum, each) => sum + each.length, 0) > bytesMax) {
      this.base = this.zxids.shift() as Zxid;
      this.entries.shift();
      this.committed--;
    }
  }

  faultOf(window: TxnWindow): string | null {
    if (window.base !== this.base) return `base ${window.base}, not ${this.base}`;
    if (window.length !== this.zxids.length) return `length ${window.length}, not ${this.zxids.length}`;
    if (window.committedCount !== this.committed) return `${window.committedCount} committed`;
    if (window.last !== (this.zxids.at(-1) ?? this.base)) return `last ${window.last}`;
    if (window.committed !== (this.zxids[this.committed - 1] ?? this.base))
      return `committed ${window.committed}`;
    for (const [i, zxid] of this.zxids.entries()) {
      if (window.zxidAt(i) !== zxid) return `zxid ${i}`;
      if (!Buffer.from(window.entryAt(i)).equals(this.entries[i] as Uint8Array)) return `entry ${i}`;
    }
    return null;
  }
}

await t.test('it is the end of the history, whatever is appended, committed and forgotten', async (t) => {
  const faults: string[] = [];
  for (let seed = 0; seed < 60; seed++) {
    const prng = new Prng(seed);
    const countMin = prng.below(12);
    // Of some seeds the entries go through many chunks, and some have one of their own.
    const entryMax = seed % 15 === 0 ? 300_000 : 120;
    const bytesMax = prng.below(25 * entryMax);
    const window = new TxnWindow({ countMin, bytesMax });
    const model = new Model();
    let epoch = 1;
    for (let step = 0; step < 300; step++) {
      const what = prng.next();
      if (what < 0.55) {
        const last = window.last;
        if (prng.next() < 0.05) epoch += 1 + prng.below(3);
        const next = Math.floor(last / 2 ** 32) === epoch ? last + 1 : makeZxid(epoch, 1);
        const bytes = entry(prng, 1 + prng.below(entryMax));
        window.append(next as Zxid, bytes);
        model.zxids.push(next as Zxid);
        model.entries.push(bytes.slice());
        // Whose memory it was uses it again.
        bytes.fill(0);
      } else if (what < 0.97) {
        const upTo = prng.below(model.zxids.length + 1);
        const zxid = model.zxids[upTo - 1] ?? model.base;
        window.commitThrough(zxid);
        model.committed = Math.max(model.committed, upTo);
        model.forget(countMin, bytesMax);
      } else {
        const base = makeZxid(++epoch, prng.below(5));
        window.reset(base);
        Object.assign(model, { base, zxids: [], entries: [], committed: 0 });
      }
      const zxid = (window.base + prng.below(20) - 3) as Zxid;
      const index = model.zxids.findIndex((each) => each >= zxid);
      const fault =
        model.faultOf(window) ??
        (window.indexFrom(zxid) === (index < 0 ? model.zxids.length : index) ? null : `index from ${zxid}`);
      if (fault !== null) faults.push(`seed ${seed}, step ${step}: ${fault}`);
    }
  }
  t.same(faults, []);
});

await t.test('a long life forgets and does not grow', async (t) => {
  const window = new TxnWindow({ countMin: 10, bytesMax: 1000 });
  for (let counter = 1; counter <= 20_000; counter++) {
    window.append(makeZxid(1, counter), new Uint8Array(10));
    window.commitThrough(makeZxid(1, counter));
  }
  t.equal(window.length, 100);
  t.equal(window.base, makeZxid(1, 19_900));
  t.equal(window.zxidAt(0), makeZxid(1, 19_901));
});

await t.test('a window that is full uses the memory of what it forgets, bursts or no bursts', async (t) => {
  for (const [bytesMax, burst] of [
    [0, 1],
    [0, 100],
    [2 << 20, 1],
  ] as const) {
    const window = new TxnWindow({ countMin: 0, bytesMax });
    const buffers = new Set<ArrayBufferLike>();
    for (let counter = 1; counter <= 4000; counter++) {
      window.append(makeZxid(1, counter), new Uint8Array(10_000));
      buffers.add(window.entryAt(window.length - 1).buffer);
      if (counter % burst === 0) window.commitThrough(makeZxid(1, counter));
    }
    t.ok(buffers.size <= 12, `${buffers.size} pieces of memory for 40 MB in a window of ${bytesMax} bytes`);
  }
});

await t.test('what is outstanding is never forgotten', async (t) => {
  const window = new TxnWindow({ countMin: 0, bytesMax: 0 });
  for (let counter = 1; counter <= 5; counter++) window.append(makeZxid(1, counter), new Uint8Array(100));
  window.commitThrough(makeZxid(1, 2));
  t.equal(window.length, 3);
  t.equal(window.committed, makeZxid(1, 2));
});

await t.test('a gap is a bug of ours (B16, ZOOKEEPER-4925)', async (t) => {
  const window = new TxnWindow({ countMin: 0, bytesMax: 0 });
  window.append(makeZxid(1, 1), new Uint8Array(1));
  t.throws(() => window.append(makeZxid(1, 3), new Uint8Array(1)), { message: 'a gap in the history' });
  t.throws(() => window.append(makeZxid(1, 1), new Uint8Array(1)), { message: 'a gap in the history' });
  t.throws(() => window.append(makeZxid(2, 2), new Uint8Array(1)), { message: 'a gap in the history' });
  t.throws(() => window.commitThrough(makeZxid(1, 2)), { message: 'committed before it was logged' });
});
