import t from 'tap';
import { SimDisk } from '../../harness/sim/sim-disk.ts';
import { listDirectory, makeDirectory, unlinkFile } from '../storage/disk-script.ts';
import type { StorageError } from '../storage/storage-error.ts';
import { WireError } from '../wire/wire-error.ts';
import { RoleEnded, RoleScriptRun, type RoleScript } from './role-script.ts';

class Bench {
  readonly disk = new SimDisk();
  readonly log: string[] = [];
  readonly run: RoleScriptRun;

  constructor(script: (log: string[]) => RoleScript<void>) {
    this.run = new RoleScriptRun({
      disk: this.disk,
      script: script(this.log),
      onWaiting: () => this.log.push(`waits for ${this.run.waitsFor}`),
      onDone: () => this.log.push('done'),
      onFailed: (error) => this.log.push(`failed: ${error.message}`),
    });
  }

  stop(): void {
    this.run.stop(() => this.log.push('stopped'));
  }
}

function* twoJobs(log: string[]): RoleScript<void> {
  yield* makeDirectory('/a');
  log.push('first');
  yield* makeDirectory('/b');
  log.push('second');
  yield { type: 'event' };
  log.push('third');
  yield* makeDirectory('/c');
}

await t.test('it goes from step to step, and waits for nobody but whom it names', async (t) => {
  const bench = new Bench(twoJobs);
  bench.run.start();
  t.same(bench.log, []);
  t.equal(bench.run.waitsFor, null, 'it is on the disk');
  bench.disk.run();
  t.same(bench.log, ['first', 'second', 'waits for event']);
  bench.run.resume();
  t.equal(bench.run.waitsFor, null);
  bench.disk.run();
  t.same(bench.log.slice(3), ['third', 'done']);
});

await t.test('stopped on the disk it carries the job to its end and goes no further', async (t) => {
  for (const stepsBefore of [0, 1]) {
    const bench = new Bench(twoJobs);
    bench.run.start();
    for (let i = 0; i < stepsBefore; i++) bench.disk.step();
    bench.stop();
    t.notOk(bench.log.includes('stopped'), 'not before the job is done');
    bench.disk.run();
    t.same(bench.log, ['first', 'second', 'stopped']);
    t.equal(bench.run.waitsFor, null);
    t.throws(() => bench.run.resume(), { message: 'a script goes on that does not wait' });
  }
});

await t.test('stopped where it waits it is over at once', async (t) => {
  const bench = new Bench(twoJobs);
  bench.run.start();
  bench.disk.run();
  bench.stop();
  t.same(bench.log.at(-1), 'stopped');
  t.equal(bench.run.waitsFor, null);
  t.throws(() => bench.run.resume(), { message: 'a script goes on that does not wait' });
});

await t.test('its last line is not told to who has stopped it', async (t) => {
  const bench = new Bench(function* () {
    yield* makeDirectory('/a');
  });
  bench.run.start();
  bench.stop();
  bench.disk.run();
  t.same(bench.log, ['stopped']);
});

await t.test('an error of the disk is told even to who has stopped it', async (t) => {
  for (const isStopped of [false, true]) {
    const bench = new Bench(function* () {
      yield* makeDirectory('/a');
      yield* unlinkFile('/a/b');
    });
    bench.disk.faults = ({ type }) => (type === 'unlink' ? { errno: 'EIO' } : null);
    bench.run.start();
    if (isStopped) bench.stop();
    bench.disk.run();
    t.same(bench.log, ['failed: /a/b: EIO', ...(isStopped ? ['stopped'] : [])]);
  }
});

await t.test('a script may handle what the disk says', async (t) => {
  const bench = new Bench(function* (log) {
    try {
      yield* listDirectory('/nowhere');
    } catch (error) {
      log.push((error as StorageError).code);
    }
  });
  bench.run.start();
  bench.disk.run();
  t.same(bench.log, ['missing', 'done']);
});

await t.test('the end of a role and bad bytes end the script, and a stopped one silently', async (t) => {
  for (const error of [new RoleEnded('enough'), new WireError('value', 'enough')]) {
    for (const isStopped of [false, true]) {
      const bench = new Bench(function* () {
        yield* makeDirectory('/a');
        throw error;
      });
      bench.run.start();
      if (isStopped) bench.stop();
      bench.disk.run();
      t.same(bench.log, [isStopped ? 'stopped' : 'failed: enough']);
    }
  }
});

await t.test('a bug goes through', async (t) => {
  const bench = new Bench(function* () {
    yield { type: 'event' };
    throw new TypeError('a bug');
  });
  bench.run.start();
  t.throws(() => bench.run.resume(), { message: 'a bug' });
});
