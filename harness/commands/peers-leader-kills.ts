import { Prng } from '../../server/base/prng.ts';
import { judgeHistory } from '../checkers/judge.ts';
import type { Ensemble } from '../ensemble/ensemble.ts';
import { silenceLimitMsOf } from '../ensemble/zoo-config.ts';
import { readHistory } from '../history/history-reader.ts';
import { historyFiles, type RunDirectory } from '../history/run-directory.ts';
import type { Verdict } from '../history/verification.ts';
import { runLoad } from '../load/run-load.ts';
import { parseWorkload } from '../load/workload.ts';
import { runFaultRounds } from '../nemesis/fault-rounds.ts';
import type { FaultRound } from '../nemesis/fault.ts';
import { killLeader } from '../nemesis/faults/kill-leader.ts';
import { completionsIn, recoveriesOf } from './recoveries.ts';

/** Enough to see a gap to a few milliseconds, and little enough that the servers have time to recover in. */
const WRITES_PER_SECOND = 500;
const KEYS = 1000;
const VALUE_BYTES = 1024;

/** Kills the leader so often under an open loop of writes, and returns how long no write came back each time. */
export async function killLeaderOf(
  ensemble: Ensemble,
  options: {
    readonly kills: number;
    readonly run: RunDirectory;
    readonly connections: number;
    readonly seed: number;
  },
): Promise<{ readonly gapsMs: readonly number[]; readonly verdict: Verdict }> {
  const { kills, run, connections, seed } = options;
  const rounds: FaultRound[] = [];
  const load = { connections, rate: WRITES_PER_SECOND, durationS: 1, warmupS: 1 };
  await runLoad({
    workload: parseWorkload(
      { name: 'leader-kills', mix: { write: 1 }, keys: { count: KEYS }, valueSize: VALUE_BYTES, ...load },
      'peers',
    ),
    connectString: ensemble.connectString,
    seed,
    run,
    sliceMs: 100,
    during: (control) =>
      runFaultRounds(control, {
        ensemble,
        fault: killLeader,
        rounds: kills,
        mayHitAgain: false,
        durationMs: 0,
        silenceLimitMs: silenceLimitMsOf({}),
        prng: new Prng(seed),
        note: () => {},
        onRound: (round) => rounds.push(round),
      }),
  });
  const history = readHistory(historyFiles(run));
  return {
    gapsMs: recoveriesOf(completionsIn(history), rounds, null).flatMap(({ writeGapMs }) => writeGapMs ?? []),
    verdict: judgeHistory(history, { expectsFinalReads: true }).verdict,
  };
}
