import { pause } from '../ensemble/wait-until.ts';
import { askTexts, type HttpWorkload } from '../http/http-workload.ts';
import { RunningHttpLoad } from '../http/run-http-load.ts';
import { monotonicClock } from '../load/load-clock.ts';
import type { Exercise, ExerciseTools } from './exercise.ts';
import { tellProgress } from './tell-progress.ts';

/** Requests to the ports for operators, and to nothing else: there is no history of them. */
export function httpExercise(workload: HttpWorkload, { seed }: { readonly seed: number }): Exercise {
  const { name, doc, connections, rate, warmupS, durationS, asks } = workload;
  return {
    name,
    root: '/stampede',
    plannedMs: (warmupS + durationS) * 1000,
    seed,
    config: { workload },
    expects: {},
    describe: () => ({
      name,
      description: doc,
      loop: rate === null ? 'closed' : 'open',
      ratePerSecond: rate,
      connections,
      inFlightMax: 1,
      parameters: { requests: askTexts(asks).join(', '), durationS, warmupS },
    }),
    run: async ({ ensemble, startNs, signal, onPhase, onProgress, during }: ExerciseTools) => {
      const clock = monotonicClock(startNs);
      const nowMs = (): number => clock.nowNs() / 1e6;
      onPhase('warmup');
      const load = new RunningHttpLoad(workload, ensemble, nowMs);
      const stopTelling = tellProgress(() => load, nowMs, onProgress);
      await pause(warmupS * 1000, signal);
      onPhase('measure');
      load.measure();
      const fromMs = nowMs();
      await Promise.all([
        pause(durationS * 1000, signal),
        during?.({
          nowMs,
          enterPhase: async (phase) => onPhase(phase),
          hasAcknowledged: () => load.ok > 0,
          signal,
        }),
      ]);
      const toMs = nowMs();
      stopTelling();
      const { report, timeline } = await load.end();
      return {
        phases: [{ name: 'measure', startMs: fromMs, endMs: toMs }],
        totals: report.totals,
        timeline,
        generator: null,
        completions: { acknowledgedMs: new Float64Array(), unansweredMs: new Float64Array() },
        historyOps: 0,
        http: report,
      };
    },
  };
}
