import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { readHistory } from './history-reader.ts';
import { HistoryWriter } from './history-writer.ts';
import type { History } from './history.ts';
import { newOp, NONE, type Op, OpKind, Outcome, Phase, valueIdOf } from './op.ts';

const directory = mkdtempSync(join(tmpdir(), 'stampede-history-'));
t.teardown(() => rmSync(directory, { recursive: true }));
let files = 0;
function freshPath(): string {
  return join(directory, `${files++}.history`);
}

/** Operations whose fields reach from nothing to the largest there can be. */
function sampleOps(count: number): Op[] {
  return Array.from({ length: count }, (_, index) => {
    const op = newOp();
    op.process = index % 7 === 0 ? 2 ** 20 - 1 : index % 70;
    op.xid = index % 11 === 0 ? 2 ** 31 - 1 : index;
    op.kind = index % 2 === 0 ? OpKind.getData : OpKind.setData;
    op.outcome = index % 5 === 0 ? Outcome.info : index % 3 === 0 ? Outcome.fail : Outcome.ok;
    op.phase = index % 4 === 0 ? Phase.final : Phase.prepare;
    op.inMulti = index % 13 === 0 ? 1 : 0;
    op.key = index % 17 === 0 ? 2 ** 31 - 1 : index - 1;
    op.sequence = index % 3 === 0 ? 2 ** 31 - 1 : NONE;
    op.invokeNs = index * 1e6;
    op.intendedNs = index % 2 === 0 ? NONE : index * 1e6 + 5;
    op.completeNs = index % 19 === 0 ? 86_400e9 * 20 : index * 1e6 + 1234;
    op.error = op.outcome === Outcome.ok ? 0 : -(index % 128);
    op.zxid = index % 6 === 0 ? NONE : index % 23 === 0 ? 2 ** 52 - 1 : 2 ** 32 + index;
    op.valueId = index % 2 === 0 ? NONE : valueIdOf(2 ** 20 - 1, 2 ** 32 - 1 - index);
    op.askedVersion = index % 5 === 1 ? 2 ** 31 - 1 : NONE;
    if (index % 2 === 0) {
      op.version = index;
      op.czxid = index % 29 === 0 ? 2 ** 52 - 1 : 2 ** 32;
      op.mzxid = 2 ** 32 + (index >> 1);
    }
    if (index % 10 === 0) {
      op.cversion = -index;
      op.numChildren = index;
      op.pzxid = 2 ** 51 + index;
    }
    return op;
  });
}

function rowOf(history: History, row: number): Op {
  const children = history.children.get(row) ?? { cversion: NONE, numChildren: NONE, pzxid: NONE };
  const { size: _size, children: _children, cuts: _cuts, ...columns } = history;
  const row_ = Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column[row]]));
  return { ...row_, ...children } as unknown as Op;
}

async function writeFileOf(ops: readonly Op[]): Promise<string> {
  const path = freshPath();
  const writer = new HistoryWriter(path);
  for (const op of ops) writer.record(op);
  await writer.close();
  return path;
}

await t.test('what is recorded is read back, every field, over many blocks', async (t) => {
  const ops = sampleOps(20_000);
  const history = readHistory([await writeFileOf(ops)]);
  t.equal(history.size, ops.length);
  t.same(history.cuts, []);
  for (const [row, op] of ops.entries()) {
    if (row % 97 === 0 || row < 300) t.same(rowOf(history, row), op, `row ${row}`);
  }
});

await t.test('several files are read one after another', async (t) => {
  const paths = [await writeFileOf(sampleOps(3000)), await writeFileOf([]), await writeFileOf(sampleOps(5))];
  const history = readHistory(paths);
  t.equal(history.size, 3005);
  t.same(rowOf(history, 3001), sampleOps(5)[1]);
});

await t.test('cut anywhere, a file gives its whole blocks and says that it was cut', async (t) => {
  const path = freshPath();
  const writer = new HistoryWriter(path);
  const ops = sampleOps(60);
  for (const [index, op] of ops.entries()) {
    writer.record(op);
    if (index % 20 === 19) writer.flush();
  }
  await writer.close();
  const whole = readFileSync(path);
  t.same(readHistory([path]).cuts, []);

  let sizeBefore = 0;
  const sizes = new Set<number>();
  for (let length = 16; length < whole.length; length++) {
    const cut = join(directory, 'cut');
    writeFileSync(cut, whole.subarray(0, length));
    const history = readHistory([cut]);
    if (history.cuts.length !== 1) t.fail(`cut at ${length} went unnoticed`);
    if (history.size < sizeBefore) t.fail(`cut at ${length} lost a whole block`);
    sizeBefore = history.size;
    sizes.add(history.size);
  }
  t.same([...sizes], [0, 20, 40, 60]);
});

await t.test('a flipped bit loses its block and what follows, and is never read as data', async (t) => {
  const faults: string[] = [];
  const path = await writeFileOf(sampleOps(10));
  const whole = readFileSync(path);
  for (let at = 16; at < whole.length; at++) {
    const flipped = Buffer.from(whole);
    flipped[at] = (flipped[at] ?? 0) ^ 0x10;
    const broken = join(directory, 'flipped');
    writeFileSync(broken, flipped);
    const history = readHistory([broken]);
    if (history.cuts.length !== 1) faults.push(`a flipped bit at ${at} went unnoticed`);
    if (history.size !== 0 && history.size !== 10) faults.push(`byte ${at}: ${history.size} operations`);
  }
  t.same(faults, []);
  t.ok(whole.length > 200, `${whole.length} bytes`);
});

await t.test('what is no history is refused by name', async (t) => {
  const path = freshPath();
  writeFileSync(path, 'a text that is long enough to be a header');
  t.throws(() => readHistory([path]), { code: 'NOT_A_HISTORY' });
  t.throws(() => readHistory([]), { code: 'NO_HISTORY' });
  const newer = readFileSync(await writeFileOf([]));
  newer[8] = 9;
  writeFileSync(path, newer);
  t.throws(() => readHistory([path]), { code: 'UNKNOWN_VERSION' });
});

await t.test('a history is never written over an old one', async (t) => {
  const path = await writeFileOf([]);
  t.throws(() => new HistoryWriter(path), { code: 'EEXIST' });
});

await t.test('a disk slower than the load makes record wait, and loses nothing', async (t) => {
  const path = freshPath();
  const writer = new HistoryWriter(path);
  // No turn of the event loop in between: the background write can't finish, so blocks pile up.
  const ops = sampleOps(1000);
  for (let round = 0; round < 800; round++) for (const op of ops) writer.record(op);
  t.ok(writer.stalls > 0, `${writer.stalls} stalls`);
  await writer.close();
  const history = readHistory([path]);
  t.equal(history.size, 800_000);
  t.same(history.cuts, []);
  t.same(rowOf(history, 799_999), ops[999]);
});

await t.test('after a failed write, close says so and the file counts as cut', async (t) => {
  const path = freshPath();
  const fd = openSync(path, 'wx');
  // Opened for reading, the file refuses every write, as a full disk would.
  closeSync(fd);
  const writer = new HistoryWriter(path, openSync(path, 'r'));
  for (const op of sampleOps(5000)) writer.record(op);
  await t.rejects(writer.close(), { code: 'WRITE_FAILED' });
});
