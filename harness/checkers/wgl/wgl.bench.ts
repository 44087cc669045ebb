import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from '../../stats/quantile.ts';
import { contest, type Contest, type ContestSettings, Contestant } from './porcupine/contest.ts';
import { buildPorcupine } from './porcupine/porcupine.ts';
import { KEY_VALUE_MIXES, type KeyValueMix } from './self-test/key-value-mixes.ts';

/** How many times as long as Porcupine the search may take on any kind of history. */
const TIMES_MAX = 1.5;

const USAGE = `usage: npm run bench:wgl -- [--seeds N] [--rounds N] [--first-seed N]
  Judges key-value histories drawn from seeds, key by key: by our search, on one core, and by Porcupine, on all cores and
  on one, if there is Go here to build it with. They take turns, and the median counts, also of how many times as long
  ours took as Porcupine in the same round.
  --seeds       histories of each kind (3)
  --rounds      how often each is judged, after once for warming up; short ones more often (3)
  --first-seed  (1)
exit code: 0 passed, 1 a wrong verdict, 2 usage, 99 more than ${TIMES_MAX} times as long as Porcupine on some kind`;

const HEAD = [
  '| operations | keys | clients | no answer | values | history    | ours, ms | Porcupine, ms | ours ÷ it | worst | on one core, ms | ours ÷ it |',
  '| ---------: | ---: | ------: | --------: | -----: | ---------- | -------: | ------------: | --------: | ----: | --------------: | --------: |',
].join('\n');

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    'first-seed': { type: 'string', default: '1' },
    help: { type: 'boolean' },
  },
});

process.exitCode = await main();

async function main(): Promise<number> {
  const [seeds = 0, rounds = 0, first = 0] = [options.seeds, options.rounds, options['first-seed']].map(
    Number,
  );
  const isUsable = [seeds, rounds, first].every((each) => Number.isSafeInteger(each) && each > 0);
  if (options.help === true || !isUsable) {
    console.error(USAGE);
    return 2;
  }
  const directory = mkdtempSync(join(tmpdir(), 'stampede-wgl-'));
  try {
    const build = buildPorcupine(directory);
    if (!build.isBuilt) console.log(`There is nothing to hold the search against: ${build.why}\n`);
    const program = build.isBuilt ? build.program : null;
    const range = Array.from({ length: seeds }, (_, at) => first + at);
    return await compareAll({ program, directory, roundsMin: rounds }, range);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function compareAll(settings: ContestSettings, seeds: readonly number[]): Promise<number> {
  const wrong: string[] = [];
  let worst = 0;
  console.log(HEAD);
  for (const mix of KEY_VALUE_MIXES) {
    const contests: Contest[] = [];
    for (const seed of seeds) {
      const each = await contest({ ...mix, seed }, settings);
      contests.push(each);
      wrong.push(...each.wrong.map((line) => `seed ${seed} of ${JSON.stringify(mix)}: ${line}`));
    }
    if (settings.program !== null) {
      worst = Math.max(worst, timesOf(contests, Contestant.porcupine));
    }
    console.log(rowOf(mix, contests));
  }
  console.log('');
  for (const line of wrong) console.log(line);
  const histories = KEY_VALUE_MIXES.length * seeds.length;
  console.log(`${histories} histories, ${wrong.length} wrong verdicts`);
  if (settings.program !== null)
    console.log(`ours ÷ Porcupine: ${worst.toFixed(2)} at worst, at most ${TIMES_MAX} wanted`);
  if (wrong.length > 0) return 1;
  return worst > TIMES_MAX ? 99 : 0;
}

function rowOf(
  { operations, keys, clients, unansweredRate, values, isStale }: KeyValueMix,
  contests: readonly Contest[],
): string {
  const kind = [
    operations.toLocaleString('en'),
    keys,
    clients,
    `${unansweredRate * 100} %`,
    values === Infinity ? 'all new' : values,
    isStale ? 'stale read' : 'valid',
  ];
  const figures = [medianOf(contests, Contestant.ours)];
  if (contests.every(({ timings }) => timings.size > 1)) {
    const { porcupine, porcupineOnOneCore } = Contestant;
    const worst = Math.max(...contests.map((each) => timesOf([each], porcupine)));
    figures.push(medianOf(contests, porcupine), timesOf(contests, porcupine).toFixed(2), worst.toFixed(2));
    figures.push(medianOf(contests, porcupineOnOneCore), timesOf(contests, porcupineOnOneCore).toFixed(2));
  } else {
    figures.push(...Array.from({ length: 5 }, () => '—'));
  }
  return `| ${[...kind, ...figures].join(' | ')} |`;
}

function medianOf(contests: readonly Contest[], name: string): string {
  return median(contests.flatMap((each) => msOf(each, name))).toFixed(1);
}

/** How many times as long as another ours has taken, by the rounds of all these. */
function timesOf(contests: readonly Contest[], name: string): number {
  return median(
    contests.flatMap((each) => {
      const others = msOf(each, name);
      return msOf(each, Contestant.ours).map((ms, round) => ms / (others[round] ?? NaN));
    }),
  );
}

function msOf({ timings }: Contest, name: string): readonly number[] {
  return timings.get(name)?.tookMs ?? [];
}
