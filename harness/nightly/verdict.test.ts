import t from 'tap';
import type { NightPart, NightRun } from '../history/night-schema.ts';
import { verdictSentence } from './verdict.ts';

const PASSED: NightRun = {
  name: 'lock × kill-all, seed 1',
  outcome: 'passed',
  exitCode: 0,
  durationMs: 1,
  why: null,
  again: null,
  directory: null,
  report: null,
};
const FAILED: NightRun = {
  ...PASSED,
  name: 'queue × pause, seed 2',
  outcome: 'failed',
  exitCode: 100,
  why: 'a\ntaken twice',
};

function part(runs: readonly NightRun[], outcome: NightPart['outcome'] = 'passed'): NightPart {
  const common = { name: 'chaos', title: 'Chaos', budgetMs: 1, durationMs: 1, sentence: 'it hung' };
  return { ...common, outcome, exitCode: outcome === 'failed' ? 1 : 0, runs: [...runs] };
}

function sentence(
  parts: readonly NightPart[],
  more: Partial<Parameters<typeof verdictSentence>[0]> = {},
): string {
  const exitCode = Math.max(...parts.map(({ exitCode }) => exitCode));
  return verdictSentence({ parts: [...parts], trend: [], mutant: null, isValid: true, exitCode, ...more });
}

await t.test('a night that found nothing says so, and one that did names the first run', async (t) => {
  t.equal(sentence([part([PASSED])]), 'Nothing was found, and nothing got worse.');
  t.equal(sentence([part([PASSED, FAILED], 'failed')]), 'queue × pause, seed 2 failed: taken twice');
  t.match(
    sentence([part([FAILED, FAILED, FAILED], 'failed')]),
    /^queue × pause, seed 2 failed, and 2 more: /,
  );
});

await t.test('a part that failed without a run is named, and so is an interruption', async (t) => {
  t.equal(sentence([part([PASSED], 'failed')]), 'Chaos: it hung.');
  t.equal(sentence([part([], 'interrupted')], { exitCode: 130 }), 'It was interrupted.');
});

await t.test('of a planted bug the run is named that has caught it, or that none has', async (t) => {
  const mutant = { id: 'R02', what: 'a write is lost' };
  t.equal(
    sentence([part([FAILED], 'failed')], { mutant }),
    'R02 (a write is lost) was planted, and queue × pause, seed 2 has caught it: taken twice',
  );
  t.equal(
    sentence([part([PASSED])], { mutant }),
    'R02 (a write is lost) was planted, and no run has caught it.',
  );
});

await t.test('that the canary lives comes first', async (t) => {
  const text = sentence([part([FAILED], 'failed')], { isValid: false });
  t.match(text, /^A planted bug was not caught: .* queue × pause/);
});
