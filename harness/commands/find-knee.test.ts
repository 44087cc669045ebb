import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type Knee, kneeSchema } from '../history/saturation-schema.ts';
import { findWorkload } from '../../workloads/index.ts';
import { UsageError } from './exit-code.ts';
import { type FindKneeOptions, runFindKnee } from './find-knee.ts';
import { askedOf, scriptedBench } from './testing/scripted-bench.ts';

const SLO = ['write.p99<20ms', 'errors<1%'];

/** The options of a search by a stand-in for `bench`, and where it puts its directory. */
function search(t: Test, outcome: string): { readonly options: FindKneeOptions; readonly runs: string } {
  const directory = t.testdir({ runs: {} });
  const runs = join(directory, 'runs');
  return {
    runs,
    options: {
      workload: { ...findWorkload('write-heavy'), durationS: 2 },
      target: 'ours',
      seed: 7,
      slo: SLO,
      words: ['--servers=1'],
      runsDirectory: runs,
      command: ['bench', '--find-knee'],
      main: scriptedBench(directory, outcome),
      print: () => {},
    },
  };
}

function left(runs: string): { readonly knee: Knee; readonly directory: string } {
  const [name = ''] = readdirSync(runs);
  const directory = join(runs, name);
  return {
    directory,
    knee: kneeSchema.parse(JSON.parse(readFileSync(join(directory, 'knee.json'), 'utf8'))),
  };
}

await t.test('a knee is found and reported, each rate in a run of its own', async (t) => {
  const { options, runs } = search(
    t,
    `({ settings }) => ({ exitCode: Number(settings.rate) <= 1_500 ? 0 : 99, p99Us: 10 * Number(settings.rate) })`,
  );
  const lines: string[] = [];
  t.equal(await runFindKnee({ ...options, print: (line) => lines.push(line) }), 0);
  const { knee, directory } = left(runs);
  t.match(knee, { exitCode: 0, isVerified: true, failingBy: 'missed', slo: SLO, identity: { seed: 7 } });
  t.ok(Number(knee.sustained) <= 1_500 && Number(knee.failing) > 1_500);
  t.ok(Number(knee.failing) / Number(knee.sustained) <= 1.05);
  t.match(
    knee.sentence,
    /^Sustained 1,[45]\d\d ops\/s with write\.p99<20ms, errors<1%; not 1,5\d\d ops\/s: write\.p99=15\.\dms, /,
  );

  const asked = askedOf(options.main);
  t.equal(knee.steps.length, asked.length);
  for (const { words, settings, thresholds } of asked) {
    t.same(words.slice(0, 4), ['bench', '--servers=1', '--rounds', '0']);
    t.match(settings, { thresholds: '', rate: /^\d+$/, durationS: /^[26]$/ });
    t.match(thresholds, [...SLO, /^throughput>=\d+$/]);
    t.equal(words[words.indexOf('--seed') + 1], '7');
  }
  const verified = asked
    .filter(({ settings }) => settings['durationS'] === '6')
    .map(({ settings }) => settings['rate']);
  t.ok(
    [knee.sustained, knee.failing].every((rate) => verified.includes(String(rate))),
    'by longer runs',
  );

  t.match(lines.join('\n'), /^\d+ s {2}2,000 ops\/s for 2 s, again\n {2}missed: write\.p99=20ms/m);
  t.equal(lines.at(-1)?.split('\n').at(-1), `report: ${join(directory, 'knee.html')}`);
  t.match(
    readFileSync(join(directory, 'knee.md'), 'utf8'),
    /^## ✅ write-heavy: highest sustainable rate: passed$/m,
  );
  for (const { directory: run } of knee.steps) {
    t.ok(existsSync(join(directory, run ?? '?', 'report.json')));
    t.notOk(existsSync(join(directory, run ?? '?', 'servers/1/data')), 'what would fill the disk is gone');
  }
});

await t.test(
  'that nothing is sustained, or the generator was the limit, has a code of its own',
  async (t) => {
    const workload = { ...findWorkload('write-heavy'), rate: 4 };
    const none = search(t, `() => ({ exitCode: 99 })`);
    t.equal(await runFindKnee({ ...none.options, workload }), 99);
    t.match(left(none.runs).knee, {
      sustained: null,
      isVerified: false,
      sentence: /^No rate is sustained with write\.p99<20ms, errors<1%; not 1\.00 ops\/s: write\.p99=1ms, /,
    });
    const limited = search(t, `() => ({ exitCode: 102 })`);
    t.equal(await runFindKnee({ ...limited.options, workload }), 102);
    t.match(left(limited.runs).knee, {
      failingBy: 'limited',
      sentence: /; not 1\.00 ops\/s: the load generator could not keep up, .* --generators\.$/,
    });
  },
);

await t.test('a run that shows a broken guarantee ends the search, and is kept whole', async (t) => {
  const { options, runs } = search(t, `(_, before) => ({ exitCode: before === 2 ? 100 : 0 })`);
  t.equal(await runFindKnee(options), 100);
  const { knee, directory } = left(runs);
  t.match(knee, {
    identity: { status: 'interrupted' },
    sustained: 2_000,
    failing: null,
    isVerified: false,
    sentence:
      'A run has ended the search (The sentence of its report.): until then 2,000 ops/s was sustained.',
  });
  t.equal(knee.steps.length, 2);
  const data = readdirSync(directory).filter((name) => existsSync(join(directory, name, 'servers/1/data')));
  t.equal(data.length, 1);
});

await t.test('what bench refuses is refused, and leaves nothing', async (t) => {
  const { options, runs } = search(t, `() => ({ exitCode: 2 })`);
  await t.rejects(runFindKnee(options), new UsageError('no such thing'));
  t.same(readdirSync(runs), []);
});

await t.test('interrupted it leaves what there is', async (t) => {
  const { options, runs } = search(
    t,
    `({ settings }) => (Number(settings.rate) > 2_000 ? 'endless' : { exitCode: 0 })`,
  );
  const { print: _, ...data } = options;
  const script = `
    import { runFindKnee } from ${JSON.stringify(new URL('./find-knee.js', import.meta.url).href)};
    process.exitCode = await runFindKnee({ ...${JSON.stringify(data)}, print: (line) => console.log(line) });`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  while (!/4,000 ops\/s for/.test(output)) await once(child.stdout, 'data');
  child.kill('SIGINT');
  await once(child, 'close');
  t.equal(child.exitCode, 130);
  const { knee, directory } = left(runs);
  t.match(knee, { identity: { status: 'interrupted' }, exitCode: 130, sustained: 2_000, failing: null });
  t.equal(knee.sentence, 'Interrupted: until then 2,000 ops/s was sustained.');
  t.match(readFileSync(join(directory, 'knee.html'), 'utf8'), 'This was interrupted.');
  t.match(output, /\nreport: .*knee\.html\n$/);
});
