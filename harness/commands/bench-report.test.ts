import t from 'tap';
import type { FaultRound } from '../nemesis/fault.ts';
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
  const outcome = {
    runId: 'run',
    runFile: { command: ['bench'], toolVersion: '0', seed: 1, started: { wall: '' }, environment: null },
    exercise: { describe: () => null },
    target: null,
    result: { historyOps: 500, generator: null },
    rounds,
    probes: null,
    history: null,
    verification: { verdict: 'valid', checkers: [] },
    durationMs: 1,
    interruptedBy: null,
    hasServerDied: false,
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

await t.test('what a run has passed across is called by its name', async (t) => {
  t.match(verdictAfter(round({}))?.sentence, /across a kill -9\.$/);
  t.match(verdictAfter(round({}), round({}))?.sentence, /across 2 kills\.$/);
  t.match(verdictAfter(round({}), round({ effect: 'paused' }))?.sentence, /across 2 faults\.$/);
  t.match(verdictAfter(round({ effect: 'disturbed' }))?.sentence, /across a fault\.$/);
  t.equal(verdictAfter(round({}))?.exitCode, ExitCode.passed);
});
