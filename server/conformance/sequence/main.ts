import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startTarget, TargetUnavailable } from '../targets.ts';
import { compare, formatMismatch } from './compare.ts';
import { DIFFERENCES } from './differences.ts';
import { SEQUENCE_CONFIG, runSequence } from './run-sequence.ts';
import { type Step, formatTranscript, parseTranscript, stepsWithout } from './transcript.ts';

const USAGE = `usage: node dist/server/conformance/sequence/main.js --target T [--against T|FILE] [--out FILE] [--without SCENARIO,...]
  T is apache, ours, or host:port of a server that is new (empty tree, no other clients).
  Writes the transcript of --target to --out (or the terminal), or compares it with --against, the reference.
exit code: 0 equal, 2 usage, 3 a server could not be started, 99 not equal`;

const { values: options } = parseArgs({
  options: {
    target: { type: 'string' },
    against: { type: 'string' },
    out: { type: 'string' },
    without: { type: 'string', default: '' },
    'apache-classpath': { type: 'string' },
    help: { type: 'boolean' },
  },
});

const without = options.without.split(',').filter((name) => name !== '');

process.exitCode = await main();

async function main(): Promise<number> {
  if (options.target === undefined || options.help === true) {
    console.error(USAGE);
    return 2;
  }
  try {
    const steps = await transcriptOf(options.target);
    if (options.out !== undefined || options.against === undefined) write(steps);
    if (options.against === undefined) return 0;
    return report(await transcriptOf(options.against), steps);
  } catch (error) {
    if (!(error instanceof TargetUnavailable)) throw error;
    console.error(error.message);
    return 3;
  }
}

/** Plays the sequence on a server, or reads a transcript that was written before. */
async function transcriptOf(name: string): Promise<Step[]> {
  if (name !== 'apache' && name !== 'ours' && existsSync(name)) {
    return stepsWithout(parseTranscript(readFileSync(name, 'utf8')), without);
  }
  const directory = mkdtempSync(join(tmpdir(), 'stampede-sequence-'));
  try {
    const target = await startTarget(name, {
      directory,
      config: SEQUENCE_CONFIG,
      apacheClasspath: options['apache-classpath'],
    });
    try {
      const transcript = await runSequence(target.address, without);
      return transcript.steps;
    } finally {
      await target.stop();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function write(steps: readonly Step[]): void {
  const text = formatTranscript(steps);
  if (options.out === undefined) process.stdout.write(text);
  else writeFileSync(options.out, text);
}

function report(expected: readonly Step[], actual: readonly Step[]): number {
  const { stepCount, mismatches, known } = compare(expected, actual, DIFFERENCES);
  for (const mismatch of mismatches) console.log(formatMismatch(mismatch));
  for (const [difference, count] of known) console.log(`known, ${count} times: ${difference.why}`);
  console.log(`${stepCount} steps, ${mismatches.length} differ`);
  return mismatches.length === 0 ? 0 : 99;
}
