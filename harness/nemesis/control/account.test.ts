import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type AccountLine, undoUnflushed } from './account.ts';

/** A file and an account of what was done to it, as the preload keeps it. */
class Scene {
  readonly account: string;
  readonly #path: string;
  #serial = 0;

  constructor(t: Test, content: Uint8Array) {
    const directory = t.testdir();
    this.#path = join(directory, 'log');
    this.account = join(directory, 'account');
    writeFileSync(this.#path, content);
  }

  get content(): Buffer {
    return readFileSync(this.#path);
  }

  write(offset: number, bytes: Uint8Array): void {
    const content = this.content;
    const before = content.subarray(offset, offset + bytes.length).toString('base64');
    this.#note({
      type: 'write',
      serial: ++this.#serial,
      path: this.#path,
      offset,
      length: bytes.length,
      before,
    });
    const grown = Buffer.alloc(Math.max(content.length, offset + bytes.length));
    grown.set(content);
    grown.set(bytes, offset);
    writeFileSync(this.#path, grown);
  }

  flush(): void {
    this.#note({ type: 'flush', path: this.#path, covered: this.#serial });
  }

  #note(line: AccountLine): void {
    appendFileSync(this.account, `${JSON.stringify(line)}\n`);
  }
}

await t.test(
  'what was written and not flushed is as it was before, and what was flushed stays',
  async (t) => {
    const scene = new Scene(t, Buffer.from('aaaaaaaaaa'));
    scene.write(0, Buffer.from('bbbb'));
    scene.flush();
    scene.write(2, Buffer.from('cccc'));
    scene.write(4, Buffer.from('dd'));
    const undone = undoUnflushed(scene.account);
    t.equal(scene.content.toString(), 'bbbbaaaaaa');
    t.match(undone, { writes: 2, bytesLost: 6, sectorsLost: 2, sectorsKept: 0 });
  },
);

await t.test('a file that has grown since its last flush is as long as it was', async (t) => {
  const scene = new Scene(t, Buffer.from('aa'));
  scene.write(1, Buffer.alloc(2000, 'b'));
  undoUnflushed(scene.account);
  t.equal(scene.content.toString(), 'aa');
});

await t.test('a torn write is there by sectors', async (t) => {
  const scene = new Scene(t, Buffer.alloc(2048, 'a'));
  scene.write(500, Buffer.alloc(1000, 'b'));
  let sector = 0;
  // Of the sectors 0, 1 and 2 that it touches, the second.
  const undone = undoUnflushed(scene.account, () => sector++ === 1);
  t.equal(scene.content.toString(), 'a'.repeat(512) + 'b'.repeat(512) + 'a'.repeat(1024));
  t.match(undone, { writes: 1, bytesLost: 488, sectorsLost: 2, sectorsKept: 1 });
});

await t.test(
  'an account whose last line was cut short, or that was never begun, is good for the rest',
  async (t) => {
    const scene = new Scene(t, Buffer.from('aaaa'));
    scene.write(0, Buffer.from('bb'));
    appendFileSync(scene.account, '{"type":"flush","pa');
    t.equal(undoUnflushed(scene.account).writes, 1);
    t.equal(scene.content.toString(), 'aaaa');
    t.equal(undoUnflushed(scene.account).writes, 0);
  },
);
