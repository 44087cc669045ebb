import { readFileSync } from 'node:fs';
import t from 'tap';
import { startTarget, whyUnavailable } from '../targets.ts';
import { compare, formatMismatch } from './compare.ts';
import { DIFFERENCES, type Difference } from './differences.ts';
import { SEQUENCE_CONFIG, runSequence } from './run-sequence.ts';
import { type Step, parseTranscript } from './transcript.ts';

// The tests run compiled, from dist; the recording lies with the sources.
const recording = new URL(
  '../../../../server/conformance/sequence/testdata/apache-3.8.0.txt',
  import.meta.url,
);
const recorded = parseTranscript(readFileSync(recording, 'utf8'));

await t.test('the recording holds the whole sequence', (t) => {
  t.ok(recorded.length > 600, `${recorded.length} steps`);
  t.end();
});

await t.test('every known difference names a step that is there', (t) => {
  const ids = new Set(recorded.map((step) => step.id));
  for (const difference of DIFFERENCES)
    if (difference.type === 'step') t.ok(ids.has(difference.id), difference.id);
  t.end();
});

await t.test('Apache does what was recorded of it', { skip: whyUnavailable('apache') }, async (t) => {
  const steps = await play('apache', t.testdir());
  t.same(differencesOf(recorded, steps, []), []);
});

await t.test('our server does what Apache does', { skip: whyUnavailable('ours') }, async (t) => {
  const steps = await play('ours', t.testdir());
  t.same(differencesOf(recorded, steps, DIFFERENCES), []);
});

async function play(name: string, directory: string): Promise<readonly Step[]> {
  const target = await startTarget(name, { directory, config: SEQUENCE_CONFIG });
  try {
    return (await runSequence(target.address)).steps;
  } finally {
    await target.stop();
  }
}

function differencesOf(
  expected: readonly Step[],
  actual: readonly Step[],
  differences: readonly Difference[],
): string[] {
  return compare(expected, actual, differences).mismatches.map(formatMismatch);
}
