import { z } from 'zod';
import { environmentSchema } from './run-file.ts';
import { reportWorkloadSchema, thresholdSchema } from './report-schema.ts';

export const KNEE_SCHEMA = 'stampede.knee/1';
export const SWEEP_SCHEMA = 'stampede.sweep/1';

const nonNegative = z.number().nonnegative();

const identity = z.object({
  id: z.string(),
  toolVersion: z.string(),
  /** As the user would type it again. */
  command: z.string(),
  /** Of every run. */
  seed: z.number(),
  /** ISO 8601. */
  startedAt: z.string(),
  durationMs: nonNegative,
  /** Interrupted: what there is until then. */
  status: z.enum(['complete', 'interrupted']),
});

/** What several runs of one workload on one target have in common. */
const series = {
  identity,
  environment: environmentSchema,
  /** As it was before anything in it was changed. */
  workload: reportWorkloadSchema,
  target: z.string(),
  exitCode: z.number().int().min(0).max(255),
  /** The one sentence a reader takes away. */
  sentence: z.string(),
};

/** What is taken from the report of a run; null: it has none. */
const figures = {
  opsPerSecond: nonNegative.nullable(),
  /** Of the response time of all operations. */
  p50Us: nonNegative.nullable(),
  p99Us: nonNegative.nullable(),
  /** Of its run, relative to the directory of the series; null: it has left none. */
  directory: z.string().nullable(),
};

const kneeStep = z.object({
  /** Operations a second that were asked for. */
  rate: z.number().positive(),
  purpose: z.enum(['search', 'verify']),
  attempt: z.number().int().positive(),
  /** `limited`: the load generator could not keep up. */
  outcome: z.enum(['sustained', 'missed', 'limited']),
  thresholds: z.array(thresholdSchema),
  ...figures,
});

/** `knee.json`: the highest rate of a workload that a target sustains, and every run by which it was found. */
export const kneeSchema = z.object({
  schema: z.literal(KNEE_SCHEMA),
  ...series,
  /** What must hold at a rate. */
  slo: z.array(z.string()),
  /** Operations a second: the highest that was sustained, and the lowest above it that was not. Null: none was found. */
  sustained: z.number().positive().nullable(),
  failing: z.number().positive().nullable(),
  failingBy: z.enum(['missed', 'limited']).nullable(),
  /** Whether both were seen in long runs. */
  isVerified: z.boolean(),
  steps: z.array(kneeStep),
});

const sweepRow = z.object({
  value: z.string(),
  exitCode: z.number().int().nullable(),
  sentence: z.string(),
  ...figures,
});

/** `sweep.json`: one run for each of several values of a setting. */
export const sweepSchema = z.object({
  schema: z.literal(SWEEP_SCHEMA),
  ...series,
  /** `connections`, `keys.count`. */
  setting: z.string(),
  /** All that were asked for. */
  values: z.array(z.string()),
  rows: z.array(sweepRow),
});

export type Knee = z.output<typeof kneeSchema>;
export type KneeRun = z.output<typeof kneeStep>;
export type Sweep = z.output<typeof sweepSchema>;
export type SweepRow = z.output<typeof sweepRow>;
/** What both are. */
export type Series = Pick<Knee, keyof typeof series>;
export type SeriesFigures = Pick<Knee['steps'][number], keyof typeof figures>;
