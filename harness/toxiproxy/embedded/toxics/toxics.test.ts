import t from 'tap';
import { Prng } from '../../../../server/base/prng.ts';
import { Line } from '../testing/line.ts';
import { sliceStarts } from './slicer.ts';

const times = (line: Line): number[] => line.out.map(({ atMs }) => atMs);
const count = (list: readonly boolean[]): number => list.filter(Boolean).length;
const sizes = (line: Line): number[] => line.out.map(({ data }) => data.length);

await t.test('noop lets everything through at once', async (t) => {
  const line = new Line('noop', {}).send('a', 'b').end();
  t.same([line.text, line.ends, times(line)], ['ab', ['eof'], [0, 0]]);
});

await t.test('latency delays each chunk from when it came, so that chunks overlap', async (t) => {
  const line = new Line('latency', { latency: 100 });
  line.send('a').wait(30).send('b').wait(69);
  t.equal(line.text, '');
  line.wait(1);
  t.equal(line.text, 'a');
  line.end().wait(100);
  t.same(times(line), [100, 130]);
  t.same(line.ends, ['eof'], 'the end comes behind the data');
});

await t.test('jitter spreads a delay over ± itself, drawn from the seed, and keeps the order', async (t) => {
  const delays = (seed: number): number[] => {
    const line = new Line('latency', { latency: 100, jitter: 50 }, { seed });
    for (let i = 0; i < 200; i++) line.send(String(i % 10)).wait(1000);
    t.equal(line.text.slice(0, 10), '0123456789');
    return times(line).map((atMs, i) => atMs - 1000 * i);
  };
  const first = delays(1);
  t.ok(first.every((ms) => ms >= 50 && ms < 150));
  t.ok(Math.min(...first) < 60 && Math.max(...first) > 140);
  t.same(delays(1), first);
  t.notSame(delays(2), first);
  const line = new Line('latency', { latency: 100, jitter: 90 }).send('a', 'b', 'c', 'd', 'e', 'f').wait(200);
  t.equal(line.text, 'abcdef');
});

await t.test('when a latency toxic is removed, what it holds arrives at once and in order', async (t) => {
  const line = new Line('latency', { latency: 1000 }).send('a', 'b', 'c').end();
  t.equal(line.stage.detach(), true);
  t.same([line.text, line.ends, times(line)], ['abc', ['eof'], [0, 0, 0]]);
});

await t.test('bandwidth hands on so many bytes a second, large chunks in slices of 100 ms', async (t) => {
  const line = new Line('bandwidth', { rate: 10 }).send(Buffer.alloc(2500));
  line.wait(250);
  t.same(sizes(line), [1000, 1000, 500]);
  t.same(times(line), [100, 200, 250]);
});

await t.test('small chunks share the bandwidth: none is early by more than a millisecond', async (t) => {
  const line = new Line('bandwidth', { rate: 10 });
  for (let i = 0; i < 1000; i++) line.send(Buffer.alloc(7));
  line.wait(10_000);
  let bytes = 0;
  for (const { atMs, data } of line.out) {
    bytes += data.length;
    t.ok(atMs + 1 >= bytes / 10);
  }
  t.equal(bytes, 7000);
  t.ok((times(line).at(-1) as number) <= 701);
});

await t.test(
  'at a rate of 0 nothing flows, and the end waits behind the first chunk, until it is changed',
  async (t) => {
    const line = new Line('bandwidth', { rate: 0 }).send('a', 'b').end().wait(1e9);
    t.same([line.text, line.ends], ['', []]);
    line.change({ rate: 1000 });
    t.same([line.text, line.ends], ['ab', ['eof']]);
    t.same(new Line('bandwidth', { rate: 0 }).end().ends, ['eof'], 'an end without data is not held');
  },
);

await t.test('slow_close delays the end alone', async (t) => {
  const line = new Line('slow_close', { delay: 500 }).send('a').end();
  t.same([line.text, line.ends], ['a', []]);
  line.wait(499);
  t.same(line.ends, []);
  line.wait(1);
  t.same(line.ends, ['eof']);
});

await t.test(
  'slow_close begins its delay anew when it is changed, and ends it when it is removed',
  async (t) => {
    const line = new Line('slow_close', { delay: 500 }).end().wait(400).change({ delay: 300 }).wait(299);
    t.same(line.ends, []);
    t.same(line.wait(1).ends, ['eof']);
    const other = new Line('slow_close', { delay: 500 }).end();
    t.equal(other.stage.detach(), true);
    t.same(other.ends, ['eof']);
  },
);

await t.test('timeout drops everything, and closes when nothing came for so long', async (t) => {
  const line = new Line('timeout', { timeout: 100 });
  line.wait(90).send('a').wait(90).send('b').wait(99);
  t.same([line.text, line.ends], ['', []]);
  line.wait(1);
  t.same([line.text, line.ends], ['', ['close']]);
});

await t.test(
  'a timeout of 0 never closes, and removing it does, also where the coin has spared it',
  async (t) => {
    for (const toxicity of [1, 0]) {
      const line = new Line('timeout', { timeout: 0 }, { toxicity }).send('a').wait(1e9);
      t.same([line.text, line.ends], [toxicity === 1 ? '' : 'a', []]);
      t.equal(line.stage.detach(), false);
      t.same(line.ends, ['close']);
    }
    t.same(new Line('timeout', { timeout: 0 }).end().ends, ['eof'], 'the end of the stream passes');
  },
);

await t.test('reset_peer discards the first chunk, waits, and resets', async (t) => {
  const line = new Line('reset_peer', { timeout: 100 }).wait(1000);
  t.same(line.ends, []);
  line.send('a').wait(99).send('b');
  t.same([line.text, line.ends], ['', []]);
  line.wait(1);
  t.same([line.text, line.ends], ['', ['reset']]);
  t.same(new Line('reset_peer', { timeout: 0 }).end().ends, ['reset'], 'so does the end of the stream');
});

await t.test('a reset that has begun cannot be stopped, because its chunk is missing', async (t) => {
  const line = new Line('reset_peer', { timeout: 100 }).send('a');
  t.equal(line.stage.detach(), false);
  line.change({ timeout: 1e9 }).send('b').wait(100);
  t.same([line.text, line.ends], ['', ['reset']]);
  const unused = new Line('reset_peer', { timeout: 100 });
  t.equal(unused.stage.detach(), true);
});

await t.test('slices are about as large as told, in order, with the delay after each', async (t) => {
  const sent = Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 251));
  const line = new Line('slicer', { average_size: 100, size_variation: 20, delay: 500 }).send(sent);
  line.wait(1000);
  t.same(line.data, sent);
  t.ok(sizes(line).every((size) => size <= 120));
  t.ok(sizes(line).some((size) => size !== sizes(line)[0]));
  t.same(
    times(line),
    times(line).map((_, i) => i * 0.5),
  );
});

await t.test('when the slicer is removed the rest of its chunk arrives as one', async (t) => {
  const line = new Line('slicer', { average_size: 2, size_variation: 0, delay: 1000 }).send('abcdefgh', 'ij');
  line.wait(1);
  t.equal(line.stage.detach(), true);
  t.same(
    line.out.map(({ data }) => String(data)),
    ['ab', 'cd', 'efgh', 'ij'],
  );
});

await t.test('whatever the numbers, slices begin in order and none is empty', async (t) => {
  for (let seed = 0; seed < 300; seed++) {
    const random = new Prng(seed);
    const [length, average, variation] = [1 + random.below(3000), random.below(50), random.below(100)];
    const starts = sliceStarts(length, average, variation, random);
    t.ok(
      starts[0] === 0 && starts.every((start, i) => start < (starts[i + 1] ?? length)),
      `seed ${seed}: ${length} bytes, ${average} ± ${variation}`,
    );
  }
});

await t.test('limit_data lets exactly so many bytes through and closes', async (t) => {
  const line = new Line('limit_data', { bytes: 5 }).send('abc');
  t.same([line.text, line.ends], ['abc', []]);
  line.send('defg', 'h');
  t.same([line.text, line.ends], ['abcde', ['close']]);
  t.same(new Line('limit_data', { bytes: 3 }).send('abc').ends, ['close'], 'at once when it is reached');
  t.same(new Line('limit_data', { bytes: 0 }).ends, [], 'and not before something comes');
});

await t.test('what has passed still counts when the limit is changed', async (t) => {
  const line = new Line('limit_data', { bytes: 5 }).send('abc').change({ bytes: 4 }).send('def');
  t.same([line.text, line.ends], ['abcd', ['close']]);
});

/** Which of 4000 chunks a packet_loss drops. */
function lost(attributes: Record<string, number>): boolean[] {
  const line = new Line('packet_loss', attributes);
  return Array.from({ length: 4000 }, () => {
    const before = line.out.length;
    line.send('x');
    return line.out.length === before;
  });
}

await t.test('packet_loss drops chunks at its rate, and more of them after one that is lost', async (t) => {
  t.equal(count(lost({ loss_rate: 0 })), 0);
  t.equal(count(lost({ loss_rate: 1 })), 4000);
  const even = lost({ loss_rate: 0.1 });
  t.ok(Math.abs(count(even) / 4000 - 0.1) < 0.02);
  t.same(lost({}), even, 'a tenth, unless told');
  const bursts = lost({ loss_rate: 0.1, correlation: 0.8 });
  const after = bursts.filter((_, i) => bursts[i - 1] === true);
  t.ok(Math.abs(count(after) / after.length - 0.9) < 0.05);
});

await t.test('a black hole keeps everything, and lets it out when it heals', async (t) => {
  const line = new Line('black_hole', {}).send('a', 'b').end().wait(1e9);
  t.same([line.text, line.ends], ['', []]);
  t.equal(line.stage.isFull, true, 'whoever sends has to wait');
  t.equal(line.stage.detach(), true);
  t.same([line.text, line.ends], ['ab', ['eof']]);
  t.same(new Line('black_hole', {}).end('reset').ends, [], 'not even a reset gets through');
});

await t.test(
  'corruption depends on the seed and the place in the stream, not on how it is cut',
  async (t) => {
    const sent = Buffer.alloc(100_000, 0x55);
    const damaged = (sizes: () => number): Buffer => {
      const line = new Line('corrupt', { rate: 1000, bits: 3 }, { seed: 7 });
      for (let at = 0; at < sent.length;) {
        const size = sizes();
        line.send(Buffer.from(sent.subarray(at, at + size)));
        at += size;
      }
      return line.data;
    };
    const whole = damaged(() => sent.length);
    const random = new Prng(1);
    t.ok(whole.equals(damaged(() => 1 + random.below(5))));
    t.equal(whole.length, sent.length);
    let flipped = 0;
    for (const byte of whole) for (let bits = byte ^ 0x55; bits > 0; bits &= bits - 1) flipped++;
    // A hundred places of three bits each; of a Poisson distribution, within five standard deviations.
    t.ok(flipped % 3 === 0 && Math.abs(flipped / 3 - 100) < 50, `${flipped} bits`);
  },
);

await t.test('without a rate, or without bits, nothing is corrupted', async (t) => {
  for (const attributes of [{ rate: 0 }, { bits: 0, rate: 1e6 }]) {
    const line = new Line('corrupt', attributes).send(Buffer.alloc(10_000));
    t.ok(line.data.equals(Buffer.alloc(10_000)));
  }
});

await t.test(
  'what is lost on the way is late, by a timeout or several, and nothing is missing',
  async (t) => {
    const sent = Buffer.from(Array.from({ length: 200_000 }, (_, i) => i % 253));
    const line = new Line('loss', { rate: 0.1, rto: 200 }).send(sent).end();
    line.wait(1e7);
    t.ok(line.data.equals(sent));
    t.same(line.ends, ['eof']);
    const waits = times(line).map((atMs, i) => atMs - (times(line)[i - 1] ?? 0));
    const kinds = new Set(waits.filter((ms) => ms > 0));
    // 137 segments: some are lost once, a few twice and then wait 200 + 400 ms.
    t.ok(kinds.has(200) && kinds.has(600), [...kinds].join());
    t.ok([...kinds].every((ms) => [200, 600, 1400, 3000].includes(ms)));
  },
);

await t.test('without loss nothing is late; when all is lost the back-off has an end', async (t) => {
  const line = new Line('loss', { rate: 0 }).send(Buffer.alloc(100_000));
  t.same([sizes(line), times(line)], [[100_000], [0]]);
  const other = new Line('loss', { rate: 1, rto: 1000 }).send('a').wait(120_000);
  t.same(times(other), [120_000]);
});

await t.test('what a lost segment holds up goes on at once when the toxic is removed', async (t) => {
  const line = new Line('loss', { rate: 1, rto: 1000 }).send('abc', 'def').end();
  t.equal(line.text, '');
  t.equal(line.stage.detach(), true);
  t.same([line.text, line.ends, times(line)], ['abcdef', ['eof'], [0, 0]]);
});
