// Prints each failure as it comes, then the files that took longest, and as the last line `N passed, N failed`, which is
// what CI reads.
import { Transform } from 'node:stream';
import { Parser } from 'tap-parser';

const SLOWEST_SHOWN = 10;

export default class Summary extends Transform {
  #parser = new Parser();
  #count = { passed: 0, failed: 0, skipped: 0, todo: 0 };
  #files = [];

  constructor() {
    super({ decodeStrings: false });
    this.#watch(this.#parser);
    this.#parser.on('assert', ({ name, time }) => this.#files.push({ name, time }));
  }

  #watch(parser) {
    parser.on('child', (child) => this.#watch(child));
    parser.on('result', (result) => this.#onResult(result));
  }

  #onResult(result) {
    if (result.skip) {
      this.#count.skipped++;
      this.push(`skipped: ${result.fullname} # ${result.skip}\n`);
    } else if (result.todo) this.#count.todo++;
    else if (result.ok) this.#count.passed++;
    else {
      this.#count.failed++;
      this.push(`not ok: ${result.fullname}\n`);
      if (result.diag) this.push(`${JSON.stringify(result.diag, null, 2).slice(0, 2000)}\n`);
    }
  }

  _transform(chunk, _encoding, done) {
    this.#parser.write(String(chunk));
    done();
  }

  _flush(done) {
    this.#parser.end();
    const slowest = this.#files.toSorted((a, b) => b.time - a.time).slice(0, SLOWEST_SHOWN);
    for (const { name, time } of slowest) this.push(`${(time / 1000).toFixed(1)} s  ${name}\n`);
    const { passed, failed, skipped, todo } = this.#count;
    this.push(`${skipped} skipped, ${todo} todo\n${passed} passed, ${failed} failed\n`);
    done();
  }
}
