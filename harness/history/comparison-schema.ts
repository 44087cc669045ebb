import { z } from 'zod';
import { environmentSchema } from './run-file.ts';

/** Raised by one when a field changes its meaning or goes away; new optional fields do not change it. */
export const COMPARISON_SCHEMA = 'stampede.comparison/1';

const interval = z.object({ value: z.number(), low: z.number(), high: z.number() });

/** What is compared. */
const measure = z.object({
  name: z.string(),
  /** For people. */
  label: z.string(),
  unit: z.enum(['ms', 'ops/s']),
  better: z.enum(['lower', 'higher']),
});

const arm = z.object({
  name: z.string(),
  /** What `bench` was told for its rounds, besides what it was told for all. */
  flags: z.array(z.string()),
});

/** Successful operations around the fault of a round. */
const course = z.object({
  intervalMs: z.number().positive(),
  /** Where the first interval begins, from the moment on when the fault had taken effect; mostly negative. */
  fromMs: z.number(),
  opsPerSecond: z.array(z.number().nonnegative()),
});

const round = z.object({
  /** From 1, in the order in which they were played. */
  number: z.int().positive(),
  /** Index into `arms`. */
  arm: z.int().nonnegative(),
  seed: z.number(),
  /** Relative to the comparison's directory; null: it left none. */
  runDirectory: z.string().nullable(),
  /** Of its `bench`; null: a signal ended it. */
  exitCode: z.int().nullable(),
  /** Why it counts for nothing; null: it counts. */
  excluded: z.string().nullable(),
  /** By the measure's name; null: it did not come to that. */
  values: z.record(z.string(), z.number().nullable()),
  /** By how much the instrument of a measure was late. */
  lateMs: z.record(z.string(), z.number()),
  /** Of a round that counts: why the value of a measure was left out. */
  doubts: z.record(z.string(), z.string()),
  course: course.nullable(),
});

/** One measure of one arm, held against the first arm. */
const finding = z.object({
  /** Index into `arms`; never 0. */
  arm: z.int().positive(),
  measure: z.string(),
  /** How many rounds have a value. */
  rounds: z.object({ base: z.int(), other: z.int() }),
  /** In how many it was left out. */
  doubtful: z.object({ base: z.int(), other: z.int() }),
  median: z.object({ base: z.number().nullable(), other: z.number().nullable() }),
  /** Other minus base. Null where there is nothing to tell it by. */
  difference: interval.nullable(),
  /** Other over base; null also where a median is 0. */
  ratio: interval.nullable(),
  /** Of Mann and Whitney's test; null: too few. */
  p: z.number().nullable(),
  /** The same, corrected for all that was asked at once. */
  pAdjusted: z.number().nullable(),
  verdict: z.enum(['better', 'worse', 'equal', 'undecided']),
  /** Of each arm, until it is probably decided; null: nobody can say, or it is. */
  moreRounds: z.int().positive().nullable(),
  /** The same in a sentence. */
  sentence: z.string(),
});

/**
 * `comparison.json` of a comparison's directory: every round with its values, and what they come to. The first arm is
 * what the others are held against.
 */
export const comparisonSchema = z.object({
  schema: z.literal(COMPARISON_SCHEMA),
  id: z.string(),
  toolVersion: z.string(),
  /** As the user would type it again. */
  command: z.string(),
  seed: z.number(),
  /** ISO 8601. */
  startedAt: z.string(),
  durationMs: z.number().nonnegative(),
  /** Why it ended: all was decided, no more rounds were allowed, or somebody ended it. */
  ended: z.enum(['decided', 'rounds', 'interrupted', 'failed']),
  environment: environmentSchema.nullable(),
  rules: z.object({
    /** Of each arm. */
    roundsMax: z.int().positive(),
    /** How often a difference may be seen where there is none, over everything compared: 0.05. */
    alpha: z.number(),
    /** A ratio nearer to 1 than this counts as equal: 0.05. */
    effect: z.number(),
  }),
  arms: z.array(arm).min(2),
  measures: z.array(measure),
  rounds: z.array(round),
  findings: z.array(finding),
  conclusion: z.string(),
});

export type Comparison = z.output<typeof comparisonSchema>;
export type ComparisonMeasure = z.output<typeof measure>;
export type ComparisonRound = z.output<typeof round>;
export type ComparisonFinding = z.output<typeof finding>;
export type Course = z.output<typeof course>;
