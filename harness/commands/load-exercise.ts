import type { ReportInput } from '../history/report-schema.ts';
import { runLoad } from '../load/run-load.ts';
import type { Workload } from '../load/workload.ts';
import { type ClientPlacement, placeClients } from './client-placement.ts';
import type { Exercise } from './exercise.ts';

export interface LoadExerciseOptions {
  readonly workload: Workload;
  readonly seed: number;
  readonly generators: number;
  /** See `judgeGenerator`. */
  readonly lagBudgetMs: number;
  readonly clients: ClientPlacement;
}

/** Less than this acknowledged is too little to judge anything by. */
const ACKNOWLEDGED_OPS_MIN = 100;
const SLICE_MS = 100;

/** Operations mixed as a workload says, at full speed or at a rate. */
export function loadExercise({
  workload,
  seed,
  generators,
  lagBudgetMs,
  clients,
}: LoadExerciseOptions): Exercise {
  return {
    name: workload.name,
    root: workload.root,
    plannedMs: (workload.warmupS + workload.durationS) * 1000,
    seed,
    config: { workload, generators, lagBudgetMs, clients },
    expects: { acknowledgedOpsMin: ACKNOWLEDGED_OPS_MIN, expectsFinalReads: true },
    describe: () => describeWorkload(workload),
    run: async ({ ensemble, run, startNs, signal, onPhase, onProgress, during }) => {
      const result = await runLoad({
        workload,
        ...(await placeClients(clients, ensemble)),
        seed,
        generators,
        lagBudgetMs,
        run,
        startNs,
        sliceMs: SLICE_MS,
        signal,
        onPhase,
        onProgress,
        ...(during === null ? {} : { during }),
      });
      return { ...result, completions: null };
    },
  };
}

/** For a report. */
export function describeWorkload(workload: Workload): ReportInput['workload'] {
  const { valueSize, keys } = workload;
  return {
    name: workload.name,
    description: workload.doc,
    loop: workload.rate === undefined ? 'closed' : 'open',
    ratePerSecond: workload.rate ?? null,
    connections: workload.connections,
    inFlightMax: workload.depth ?? null,
    keys: keys.count,
    valueBytes: typeof valueSize === 'number' ? valueSize : valueSize.max,
    mix: Object.entries(workload.mix).flatMap(([op, weight]) =>
      weight === undefined ? [] : [{ op, weight }],
    ),
    parameters: {
      distribution:
        typeof keys.distribution === 'string' ? keys.distribution : JSON.stringify(keys.distribution),
      durationS: workload.durationS,
      warmupS: workload.warmupS,
      root: workload.root,
      ...(typeof valueSize === 'number' ? {} : { valueBytesMin: valueSize.min }),
    },
  };
}
