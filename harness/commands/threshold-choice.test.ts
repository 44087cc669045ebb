import t from 'tap';
import { findWorkload } from '../../workloads/index.ts';
import { UsageError } from './exit-code.ts';
import { thresholdChoiceOf, type ThresholdFlags } from './threshold-choice.ts';

const WORKLOAD = { ...findWorkload('mixed'), thresholds: ['errors<1%'] };

function refusal(flags: ThresholdFlags): string {
  try {
    thresholdChoiceOf(flags, WORKLOAD);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return 'accepted';
}

await t.test('those of the workload come first, and then those of the command line', (t) => {
  const { thresholds, baselineDirectory } = thresholdChoiceOf({ threshold: ['write.p99<20ms'] }, WORKLOAD);
  t.same(
    thresholds.map(({ expression }) => expression),
    ['errors<1%', 'write.p99<20ms'],
  );
  t.equal(baselineDirectory, null);
  t.end();
});

await t.test('what cannot be asked for is refused, with what would be right', (t) => {
  t.match(
    refusal({ threshold: ['write.p99<20'] }),
    /^--threshold 'write\.p99<20': column 13: a time is a number with us, ms or s behind it, as in 20ms/,
  );
  t.match(
    refusal({ threshold: ['throughput>=0.9*baseline'] }),
    /^throughput>=0\.9\*baseline: there is no baseline; say --baseline and the directory/,
  );
  t.match(refusal({ baseline: 'runs' }), /^--baseline runs: no threshold asks for it; add one/);
  t.equal(refusal({ threshold: ['throughput>=baseline'], baseline: 'runs' }), 'accepted');
  t.end();
});
