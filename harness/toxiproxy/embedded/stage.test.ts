import t from 'tap';
import { Line } from './testing/line.ts';

await t.test('what a stage cannot hand on waits, and it says when there is space again', async (t) => {
  const line = new Line('noop', {});
  let calls = 0;
  line.stage.onSpace = () => calls++;
  line.isFull = true;
  line.send('a');
  t.same([line.text, line.stage.isFull, calls], ['', true, 0]);
  line.isFull = false;
  line.stage.pump();
  t.same([line.text, line.stage.isFull, calls], ['a', false, 1]);
});

await t.test('a toxic with room for 1024 chunks is full with these, and with one in its hands', async (t) => {
  const line = new Line('latency', { latency: 100 });
  for (let i = 0; i < 1024; i++) line.send('x');
  t.equal(line.stage.isFull, false);
  line.send('x');
  t.equal(line.stage.isFull, true);
  line.wait(100);
  t.equal(line.text.length, 1025);
});

await t.test('the end waits for its turn, and the graver of two ends counts', async (t) => {
  const line = new Line('latency', { latency: 100 }).send('a').end('eof').end('reset').end('close');
  t.same(line.ends, []);
  t.same(line.wait(100).ends, ['reset']);
  t.same([line.text], ['a']);
});

await t.test('an end that turns out to be graver than it was is passed on again', async (t) => {
  const line = new Line('noop', {}).end('eof').end('close');
  t.same(line.ends, ['eof', 'close']);
});

await t.test('nothing passes a stage that has ended its stream', async (t) => {
  const line = new Line('limit_data', { bytes: 1 }).send('abc', 'd');
  t.same([line.text, line.ends, line.stage.isFull], ['a', ['close'], true]);
});

await t.test('a change takes effect on what waits, and what is held goes on at once', async (t) => {
  const line = new Line('latency', { latency: 1000 }).send('a', 'b').wait(10).change({ latency: 30 });
  t.equal(line.text, 'a');
  line.wait(20);
  t.equal(line.text, 'ab');
});

await t.test(
  'the coin of a connection is thrown once: a change of the attributes does not throw it again',
  async (t) => {
    let affected = 0;
    for (let seed = 0; seed < 200; seed++) {
      const line = new Line('timeout', { timeout: 0 }, { toxicity: 0.3, seed });
      const drops = (): boolean => line.send('x').out.splice(0).length === 0;
      const first = drops();
      for (let timeout = 1; timeout < 5; timeout++) {
        line.change({ timeout });
        t.equal(drops(), first, `seed ${seed}`);
      }
      if (first) affected++;
    }
    t.ok(Math.abs(affected / 200 - 0.3) < 0.1, `${affected} of 200`);
  },
);

await t.test('a greater toxicity adds connections and takes none away', async (t) => {
  for (let seed = 0; seed < 100; seed++) {
    const line = new Line('timeout', { timeout: 0 }, { toxicity: 0, seed });
    let wasAffected = false;
    for (let toxicity = 0; toxicity <= 1; toxicity += 0.125) {
      line.toxic.toxicity = toxicity;
      line.change({});
      const isAffected = line.send('x').out.splice(0).length === 0;
      t.ok(isAffected || !wasAffected, `seed ${seed} at ${toxicity}`);
      wasAffected = isAffected;
    }
    t.ok(wasAffected, `seed ${seed}`);
  }
});
