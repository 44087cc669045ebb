import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatMismatch } from '../sequence/compare.ts';
import { startTarget, TargetUnavailable, type Target } from '../targets.ts';
import { findApache } from '../../../harness/ensemble/find-apache.ts';
import { compareSeed, RANDOM_TARGET } from './reference.ts';

const USAGE = `usage: node dist/server/conformance/random/main.js [--seeds N] [--from N] [--operations N] [--apache-classpath JARS]
  Plays random requests of three clients against our server and Apache's, and compares what they were told: every
  code, stat, event and its place among the replies. Of an Apache before 3.9 only what is the same in 3.9 is asked.
exit code: 0 equal, 2 usage, 3 a server could not be started, 99 not equal`;

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10' },
    from: { type: 'string', default: '1' },
    operations: { type: 'string', default: '1000' },
    'apache-classpath': { type: 'string' },
    help: { type: 'boolean' },
  },
});

process.exitCode = await main();

async function main(): Promise<number> {
  const [seeds, from, operations] = [options.seeds, options.from, options.operations].map(Number);
  if (options.help === true || !isCount(seeds) || !isCount(from) || !isCount(operations)) {
    console.error(USAGE);
    return 2;
  }
  const directory = mkdtempSync(join(tmpdir(), 'stampede-random-'));
  const targets: Target[] = [];
  try {
    for (const name of ['apache', 'ours']) {
      const place = join(directory, name);
      const apacheClasspath = options['apache-classpath'];
      targets.push(await startTarget(name, { directory: place, apacheClasspath, ...RANDOM_TARGET }));
    }
    const [apache, ours] = targets as [Target, Target];
    return await compareSeeds(apache, ours, { seeds, from, operations });
  } catch (error) {
    if (!(error instanceof TargetUnavailable)) throw error;
    console.error(error.message);
    return 3;
  } finally {
    for (const target of targets) await target.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function compareSeeds(
  apache: Target,
  ours: Target,
  plan: { readonly seeds: number; readonly from: number; readonly operations: number },
): Promise<number> {
  const search = findApache(options['apache-classpath']);
  const isBefore39 = search.found && /^3\.[0-8]\./.test(search.apache.version);
  let differing = 0;
  let steps = 0;
  for (let seed = plan.from; seed < plan.from + plan.seeds; seed++) {
    const { mismatches, stepCount } = await compareSeed(apache.address, ours.address, {
      seed,
      operationCount: plan.operations,
      isBefore39,
    });
    steps += stepCount;
    if (mismatches.length === 0) continue;
    differing++;
    // What one difference leads to later says little.
    for (const mismatch of mismatches.slice(0, 5)) console.log(formatMismatch(mismatch));
    console.log(`seed ${seed}: ${mismatches.length} of ${stepCount} steps differ`);
  }
  const total = (plan.seeds * plan.operations).toLocaleString('en');
  console.log(`${total} operations in ${steps} steps of ${plan.seeds} seeds, of which ${differing} differ`);
  return differing === 0 ? 0 : 99;
}

function isCount(value: number | undefined): value is number {
  return Number.isSafeInteger(value) && (value ?? 0) > 0;
}
