import { z } from 'zod';
import { environmentSchema } from './run-file.ts';

/** Raised by one when a field changes its meaning or goes away; new optional fields do not change it. */
export const NIGHT_SCHEMA = 'stampede.night/1';

/** One thing that was played: a seed or a batch of them, a plan, a planted bug, a workload under a fault, a bench. */
const run = z.object({
  name: z.string(),
  /** `noted`: it failed, and that does not count against this night; `why` says why. */
  outcome: z.enum(['passed', 'failed', 'noted']),
  exitCode: z.int(),
  durationMs: z.number().nonnegative(),
  /** Why it did not pass. */
  why: z.string().nullable(),
  /** What plays it again, as the user would type it. */
  again: z.string().nullable(),
  /** What is kept of it, relative to the night's directory. */
  directory: z.string().nullable(),
  /** Its report.html, relative to the night's directory. */
  report: z.string().nullable(),
});

const part = z.object({
  name: z.string(),
  /** For people. */
  title: z.string(),
  /** `skipped`: it could not be played here; `interrupted`: not to its end, or not begun. */
  outcome: z.enum(['passed', 'failed', 'skipped', 'interrupted']),
  exitCode: z.int(),
  /** What it was given of the night, and what it took. */
  budgetMs: z.number().nonnegative(),
  durationMs: z.number().nonnegative(),
  /** What it came to. */
  sentence: z.string(),
  runs: z.array(run),
});

/** A figure of a night, held against the nights before. */
const trendFinding = z.object({
  measure: z.string(),
  label: z.string(),
  unit: z.enum(['ms', 's', 'ops/s']),
  better: z.enum(['lower', 'higher']),
  /** Median over the night's rounds; null: there was nothing to measure it on. */
  value: z.number().nullable(),
  /** Median over the nights that it is held against. */
  baseline: z.number().nullable(),
  ratio: z.number().nullable(),
  /** How many these are. */
  nights: z.int().nonnegative(),
  verdict: z.enum(['better', 'worse', 'equal', 'unjudged']),
  sentence: z.string(),
});

/**
 * `night.json` of a night's directory. What was measured is comparable between nights whose `bench.settings` and
 * machines are the same.
 */
export const nightSchema = z.object({
  schema: z.literal(NIGHT_SCHEMA),
  id: z.string(),
  toolVersion: z.string(),
  /** As the user would type it again. */
  command: z.string(),
  seed: z.number(),
  minutes: z.number().positive(),
  /** What was planted in the servers of the chaos runs; null: nothing. */
  mutant: z.object({ id: z.string(), what: z.string() }).nullable(),
  /** ISO 8601. */
  startedAt: z.string(),
  durationMs: z.number().nonnegative(),
  environment: environmentSchema.nullable(),
  parts: z.array(part),
  bench: z.object({
    /** What `bench` was told. */
    settings: z.array(z.string()),
    /** Of each round that counts, by the measure's name. */
    rounds: z.array(z.record(z.string(), z.number().nullable())),
  }),
  trend: z.array(trendFinding),
  verdict: z.object({
    passed: z.boolean(),
    /** False: the planted bugs were not caught, and that nothing was found means nothing. */
    valid: z.boolean(),
    exitCode: z.int(),
    sentence: z.string(),
  }),
});

export type Night = z.output<typeof nightSchema>;
export type NightPart = z.output<typeof part>;
export type NightRun = z.output<typeof run>;
export type TrendFinding = z.output<typeof trendFinding>;
export type NightBench = Night['bench'];
