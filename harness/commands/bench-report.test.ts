import t from 'tap';
import type { FaultRound } from '../nemesis/fault.ts';
import { parseThreshold } from '../thresholds/threshold.ts';
import { type BenchOutcome, benchReport } from './bench-report.ts';
import { ExitCode } from './exit-code.ts';

function round(of: Partial<FaultRound>): FaultRound {
  return {
    fault: 'kill-leader',
    step: { fault: 'kill-leader', params: {} },
    effect: 'killed',
    label: 'leader killed (server 3)',
    serverIds: [3],
    injectedAtMs: 1,
    evidence: [],
    noEffect: null,
    electedAtMs: null,
    leaderId: null,
    servedAtMs: 2,
    mendedAtMs: 2,
    rejoinedAtMs: 2,
    ...of,
  };
}

function verdictAfter(...rounds: readonly FaultRound[]) {
  return verdictOf({ rounds });
}

function verdictOf(changes: Record<string, unknown>) {
  const outcome = {
    runId: 'run',
    runFile: { command: ['bench'], toolVersion: '0', seed: 1, started: { wall: '' }, environment: undefined },
    exercise: { describe: () => null },
    target: null,
    result: { historyOps: 500, generator: null },
    rounds: [],
    probes: null,
    history: null,
    verification: { verdict: 'valid', checkers: [] },
    thresholds: [],
    baseline: null,
    durationMs: 1,
    interruptedBy: null,
    hasServerDied: false,
    ...changes,
  };
  return benchReport(outcome as unknown as BenchOutcome).verdict;
}

await t.test('a fault that took no effect has tested nothing: the verdict is unknown', async (t) => {
  const verdict = verdictAfter(round({}), round({ noEffect: 'took no effect: server 3 goes on' }));
  t.match(verdict, {
    passed: false,
    exitCode: ExitCode.verdictUnknown,
    sentence: 'What was to be tested was not: leader killed (server 3): took no effect: server 3 goes on',
  });
});

await t.test(
  'an invalid verdict is given its reason by what is invalid, and not by a doubt before it',
  async (t) => {
    const op = { index: 1, process: 3, kind: 'getData', outcome: 'ok', node: 'k1', zxid: null };
    const ops = [{ ...op, invokeMs: 1_000, completeMs: 1_500 }];
    const doubt = { name: 'not read', verdict: 'unknown', explanation: 'k2 was not read', ops: [] };
    const lost = { name: 'lost write', verdict: 'invalid', explanation: 'k1 is gone [1]', ops };
    const [unsure, sure] = [{ anomalies: [doubt] }, { anomalies: [doubt, lost] }];
    t.match(verdictOf({ verification: { verdict: 'invalid', checkers: [unsure, sure] } }), {
      exitCode: ExitCode.historyInvalid,
      sentence: 'The history is not valid: lost write: k1 is gone (client 3, 1.000–1.500 s)',
    });
    t.match(verdictOf({ verification: { verdict: 'unknown', checkers: [unsure] } }), {
      exitCode: ExitCode.verdictUnknown,
      sentence: 'Whether the history is valid could not be decided: not read: k2 was not read',
    });
  },
);

await t.test('what a run has passed across is called by its name', async (t) => {
  t.match(verdictAfter(round({}))?.sentence, /across a kill -9\.$/);
  t.match(verdictAfter(round({}), round({}))?.sentence, /across 2 kills\.$/);
  t.match(verdictAfter(round({}), round({ effect: 'paused' }))?.sentence, /across 2 faults\.$/);
  t.match(verdictAfter(round({ effect: 'disturbed' }))?.sentence, /across a fault\.$/);
  t.equal(verdictAfter(round({}))?.exitCode, ExitCode.passed);
});

function thresholdsOf(...texts: readonly string[]) {
  return texts.map((text) => {
    const parsed = parseThreshold(text);
    if (!parsed.ok) throw new Error(parsed.advice);
    return parsed.threshold;
  });
}

await t.test('a threshold that is missed, or has nothing to be measured on, is no pass', async (t) => {
  const totals = [{ op: 'all', phase: 'all', count: 10, ok: 9, failed: 1, unknown: 0 }];
  const result = { historyOps: 500, generator: null, totals };
  t.match(verdictOf({ result, thresholds: thresholdsOf('errors<=10%') }), {
    passed: true,
    exitCode: ExitCode.passed,
    thresholds: [{ passed: true, actual: 10 }],
  });
  t.match(verdictOf({ result, thresholds: thresholdsOf('errors<=10%', 'errors<1%') }), {
    passed: false,
    exitCode: ExitCode.thresholdMissed,
    sentence: /^1 of 2 thresholds were missed: errors<1% \(10\.0 %\)\. All 500 operations verified/,
  });
  t.match(verdictOf({ result, thresholds: thresholdsOf('write.gap<1s') }), {
    exitCode: ExitCode.thresholdMissed,
    sentence: /^The threshold was missed: write\.gap<1s \(nothing was done to the servers\)\. /,
  });
});

await t.test('what makes the figures worthless weighs more than what they are', async (t) => {
  const thresholds = thresholdsOf('errors<1%');
  const limited = { historyOps: 1, generator: { limited: true, reasons: [] } };
  for (const [changes, exitCode] of [
    [{ verification: { verdict: 'invalid', checkers: [] } }, ExitCode.historyInvalid],
    [{ verification: { verdict: 'unknown', checkers: [] } }, ExitCode.verdictUnknown],
    [{ hasServerDied: true }, ExitCode.noSystem],
    [{ interruptedBy: 'SIGINT' }, ExitCode.interrupted],
    [{ result: limited }, ExitCode.generatorLimited],
  ] as const) {
    t.match(verdictOf({ thresholds, ...changes }), { exitCode, thresholds: [{ passed: null }] });
  }
});
