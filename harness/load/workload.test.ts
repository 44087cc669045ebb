import t from 'tap';
import { overrideWorkload } from './override-workload.ts';
import { WorkloadError, distributionOf, parseWorkload, valueSizeOf } from './workload.ts';

const GOOD = {
  name: 'good',
  mix: { read: 1, write: 1 },
  keys: { count: 100 },
  valueSize: 64,
  connections: 2,
  depth: 4,
  durationS: 1,
  warmupS: 0,
};

const good = parseWorkload(GOOD, 'good');

function complaintOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof WorkloadError) return error.message;
    throw error;
  }
  return 'accepted';
}

await t.test('what a workload leaves out has a default', async (t) => {
  t.equal(good.root, '/stampede');
  t.same(distributionOf(good), { type: 'uniform' });
  t.same(valueSizeOf(good), { min: 64, max: 64 });
  const zipfian = parseWorkload({ ...GOOD, keys: { count: 5, distribution: 'zipfian' } }, 'z');
  t.same(distributionOf(zipfian), { type: 'zipfian', theta: 0.99 });
});

// Each bad value: the message must name the source, the field, and what would be right.
const BAD: readonly [what: string, change: Record<string, unknown>, says: RegExp][] = [
  ['an unknown field', { color: 'red' }, /at the top: unknown color; known here: name, doc, mix/],
  ['an unknown operation', { mix: { reed: 1 } }, /mix: unknown reed; known here: read, write, create/],
  ['no weight', { mix: { read: 0 } }, /mix: no operation has a weight above 0; give at least one/],
  ['a negative weight', { mix: { read: -1 } }, /mix\.read: .*>=0/],
  ['a word for a weight', { mix: { read: 'lots' } }, /mix\.read: .*expected number/],
  ['no keys', { keys: { count: 0 } }, /keys\.count: .*>=1/],
  ['too many keys', { keys: { count: 1e9 } }, /keys\.count: .*<=10000000/],
  [
    'an unknown distribution',
    { keys: { count: 1, distribution: 'pareto' } },
    /keys\.distribution: give uniform, zipfian/,
  ],
  [
    'theta 0',
    { keys: { count: 1, distribution: { type: 'zipfian', theta: 0 } } },
    /keys\.distribution\.theta: .*>0/,
  ],
  ['a value too small for its identity', { valueSize: 4 }, /valueSize: .*>=8/],
  [
    'a size range upside down',
    { valueSize: { min: 100, max: 10 } },
    /valueSize: min is larger than max; exchange them/,
  ],
  ['no connections', { connections: 0 }, /connections: .*>=1/],
  ['half a connection', { connections: 1.5 }, /connections: .*int/],
  ['depth and rate', { rate: 100 }, /depth: give either depth .* or rate .* not both/],
  ['neither', { depth: undefined }, /depth: give either depth/],
  [
    'arrivals in a closed loop',
    { arrivals: 'poisson' },
    /arrivals: arrivals is for an open loop; give a rate/,
  ],
  [
    'unknown arrivals',
    { depth: undefined, rate: 5, arrivals: 'bursts' },
    /arrivals: .*"poisson"\|"constant"/,
  ],
  ['no duration', { durationS: 0 }, /durationS: .*>0/],
  ['a negative warm-up', { warmupS: -1 }, /warmupS: .*>=0/],
  ['a relative root', { root: 'stampede' }, /root: write an absolute path/],
  ["the server's own root", { root: '/zookeeper/load' }, /root: a load must not write below \/zookeeper/],
  [
    'a threshold that is none',
    { thresholds: ['errors<1%', 'write.p99<20'] },
    /thresholds\.1: "write\.p99<20", column 13: a time is a number with us, ms or s behind it/,
  ],
  ['a name with blanks', { name: 'My load' }, /name: use lower-case letters, digits and dashes/],
];

await t.test('a bad value is refused with where, what and what to do', async (t) => {
  for (const [what, change, says] of BAD) {
    const message = complaintOf(() => parseWorkload({ ...GOOD, ...change }, 'load.yaml'));
    t.match(message, says, what);
    t.match(message, /^load\.yaml is not a workload:/, `${what}: names its source`);
  }
});

await t.test('every setting can be overridden', async (t) => {
  const changed = overrideWorkload(good, [
    'mix.read=3',
    'mix.write=',
    'keys.count=7',
    'keys.distribution={"type":"latest","theta":1.2}',
    'valueSize={"min":8,"max":16}',
    'connections=9',
    'durationS=2.5',
    'warmupS=1',
    'root=/elsewhere',
    'doc=two words',
  ]);
  t.same(changed, {
    ...good,
    mix: { read: 3 },
    keys: { count: 7, distribution: { type: 'latest', theta: 1.2 } },
    valueSize: { min: 8, max: 16 },
    connections: 9,
    durationS: 2.5,
    warmupS: 1,
    root: '/elsewhere',
    doc: 'two words',
  });
  t.equal(good.keys.count, 100, 'the original is left as it was');
});

await t.test('a rate replaces the depth, and a depth the rate', async (t) => {
  const open = overrideWorkload(good, ['rate=500', 'arrivals=constant']);
  t.same([open.rate, open.depth, open.arrivals], [500, undefined, 'constant']);
  const closed = overrideWorkload(open, ['depth=3']);
  t.same([closed.rate, closed.depth, closed.arrivals], [undefined, 3, undefined]);
});

await t.test('a bad override is refused by name', async (t) => {
  t.match(
    complaintOf(() => overrideWorkload(good, ['durationS'])),
    /"durationS" is not a setting; write it as/,
  );
  t.match(
    complaintOf(() => overrideWorkload(good, ['keys.cuont=3'])),
    /^workload good with keys\.cuont=3 is not .*\n.*keys: unknown cuont; known here: count, distribution/,
  );
  t.match(
    complaintOf(() => overrideWorkload(good, ['durationS=soon'])),
    /durationS: .*expected number/,
  );
});

await t.test('a value size of no known form is told both forms', async (t) => {
  t.match(
    complaintOf(() => parseWorkload({ ...GOOD, valueSize: 'big' }, 'load.yaml')),
    /valueSize: give a whole number of bytes from 8 to 1000000, or \{min, max\}/,
  );
});
