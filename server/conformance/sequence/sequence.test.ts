import { readFileSync } from 'node:fs';
import t from 'tap';
import { startTarget, whyUnavailable } from '../targets.ts';
import { compare, formatMismatch } from './compare.ts';
import { DIFFERENCES, NOT_IMPLEMENTED, type Difference } from './differences.ts';
import { SEQUENCE_CONFIG, runSequence } from './run-sequence.ts';
import { type Step, parseTranscript, stepsWithout } from './transcript.ts';

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
  const scenarios = new Set([...ids].map((id) => id.slice(0, id.lastIndexOf('.'))));
  for (const difference of DIFFERENCES)
    if (difference.type === 'step') t.ok(ids.has(difference.id), difference.id);
  for (const scenario of NOT_IMPLEMENTED) t.ok(scenarios.has(scenario), scenario);
  t.end();
});

await t.test('Apache does what was recorded of it', { skip: whyUnavailable('apache') }, async (t) => {
  const steps = await play('apache', t.testdir());
  t.same(differencesOf(recorded, steps, []), []);
});

await t.test('our server does what Apache does', { skip: whyUnavailable('ours') }, async (t) => {
  const steps = await play('ours', t.testdir(), NOT_IMPLEMENTED);
  t.same(differencesOf(stepsWithout(recorded, NOT_IMPLEMENTED), steps, DIFFERENCES), []);
});

for (const scenario of NOT_IMPLEMENTED) {
  await t.test(scenario, { todo: 'our server cannot do it yet' }, () => {});
}

async function play(
  name: string,
  directory: string,
  without: readonly string[] = [],
): Promise<readonly Step[]> {
  const target = await startTarget(name, { directory, config: SEQUENCE_CONFIG });
  try {
    return (await runSequence(target.address, without)).steps;
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
