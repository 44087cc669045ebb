import { configForHttp, type HttpWorkload } from '../http/http-workload.ts';
import { HTTP_WORKLOADS } from '../../workloads/index.ts';
import { UsageError } from './exit-code.ts';
import type { FaultFlags } from './fault-choice.ts';
import type { Shorthands } from './flags.ts';
import { httpExercise } from './http-exercise.ts';
import { runUnderLoad } from './load-run.ts';
import { describeSystem, planTarget } from './target.ts';
import { NO_THRESHOLDS } from './threshold-choice.ts';

export interface HttpBenchOptions {
  readonly workload: HttpWorkload;
  readonly seed: number;
  /** See `planTarget`. */
  readonly target: string | undefined;
  readonly servers: string | undefined;
  readonly apacheClasspath: string | undefined;
  /** Lines of zoo.cfg. */
  readonly config: Readonly<Record<string, string>>;
  readonly runsDirectory: string;
  /** As typed, for the report. */
  readonly command: readonly string[];
}

/**
 * `bench` of a workload that asks the servers' ports for operators, and nothing else. Returns the exit code.
 *
 * @throws UsageError before anything is started.
 */
export function runHttpBench(options: HttpBenchOptions): Promise<number> {
  const { workload, seed, target, servers, apacheClasspath, runsDirectory, command } = options;
  const config = { ...configForHttp(workload), ...options.config };
  const possible = planTarget({ name: target, servers, config, apacheClasspath });
  return runUnderLoad(possible, {
    exercise: httpExercise(workload, { seed }),
    disturb: null,
    probes: null,
    mustHold: NO_THRESHOLDS,
    runsDirectory,
    command,
    config: { target: describeSystem(possible), config },
  });
}

/** What `bench` was told of such a load. */
export interface HttpFlags extends Shorthands, FaultFlags {
  readonly plan?: string;
}

/** @throws UsageError for a flag that has no meaning here. */
export function httpWorkloadWith(name: string, flags: HttpFlags): HttpWorkload {
  const workload = httpWorkloadNamed(name);
  const { duration, warmup, connections, rate, depth, valueSize, keys, fault, rounds, kills, plan } = flags;
  for (const [flag, value] of Object.entries({ depth, valueSize, keys, fault, kills, plan }))
    if (value !== undefined)
      throw new UsageError(`--${flag}: ${name} knows nothing of that; leave it out, or say --beside ${name}`);
  if (rounds !== undefined && rounds > 0)
    throw new UsageError(`--rounds ${rounds}: nothing is broken under ${name}; leave it out`);
  return {
    ...workload,
    durationS: duration ?? workload.durationS,
    warmupS: warmup ?? workload.warmupS,
    connections: connections ?? workload.connections,
    rate: rate ?? workload.rate,
  };
}

/** `--beside name` or `name@rate`. @throws UsageError */
export function besideFrom(text: string | undefined): HttpWorkload | null {
  if (text === undefined) return null;
  const [name = '', rate] = text.split('@');
  const workload = httpWorkloadNamed(name);
  if (rate === undefined) return workload;
  if (!/^\d+(\.\d+)?$/.test(rate) || Number(rate) === 0)
    throw new UsageError(`--beside ${text}: behind @ give requests a second, as in ${name}@100`);
  return { ...workload, rate: Number(rate) };
}

function httpWorkloadNamed(name: string): HttpWorkload {
  const workload = HTTP_WORKLOADS.get(name);
  if (workload !== undefined) return workload;
  throw new UsageError(
    `${name} asks no port for operators; give one of ${[...HTTP_WORKLOADS.keys()].join(', ')}`,
  );
}
