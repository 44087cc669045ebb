// Prints each failure as it comes and, as the last line, `N passed, N failed, …`, which is what CI reads.
import { Transform } from 'node:stream';
import { Parser } from 'tap-parser';

export default class Summary extends Transform {
  #parser = new Parser();
  #count = { passed: 0, failed: 0, skipped: 0, todo: 0 };

  constructor() {
    super({ decodeStrings: false });
    this.#watch(this.#parser);
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
    const { passed, failed, skipped, todo } = this.#count;
    this.push(`${skipped} skipped, ${todo} todo\n${passed} passed, ${failed} failed\n`);
    done();
  }
}
