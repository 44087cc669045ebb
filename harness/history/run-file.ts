import { z } from 'zod';

/** The machine and the tool, so that a figure can be traced to what it was measured on. */
export const environmentSchema = z.object({
  node: z.string(),
  platform: z.string(),
  arch: z.string(),
  kernel: z.string(),
  cpu: z.object({ model: z.string(), logical: z.int() }),
  memoryBytes: z.number(),
  /** The file system that holds the run directory. */
  disk: z.object({ type: z.string(), freeBytes: z.number() }).nullable(),
  /** Of the working copy; null outside one. */
  git: z.object({ revision: z.string(), isDirty: z.boolean() }).nullable(),
});
export type Environment = z.infer<typeof environmentSchema>;

/**
 * `run.json`: written when the run starts, and written again when it ends, with `finished`. A run that was
 * killed has none, and what it left can still be judged.
 */
export const runFileSchema = z.object({
  schema: z.literal('stampede.run/1'),
  toolVersion: z.string(),
  /** Arguments as given, the command first: `['bench', '--workload', 'write-heavy']`. */
  command: z.array(z.string()),
  /** The harness that ran it, a path: servers of ours were of the same build. `shrink` plays it again by that. */
  main: z.string().optional(),
  workload: z.string(),
  /** Everything in force, defaults filled in. Its inside belongs to the command that wrote it. */
  config: z.record(z.string(), z.unknown()),
  seed: z.number(),
  environment: environmentSchema,
  started: z.object({
    /** ISO 8601, UTC. For people: everything else counts from the monotonic stamp. */
    wall: z.string(),
    /** `process.hrtime.bigint()` when the run began, in decimal: the zero of all times in the histories. */
    monotonicNs: z.string().regex(/^\d+$/),
  }),
  finished: z
    .object({
      wall: z.string(),
      /** Since `started.monotonicNs`. */
      elapsedNs: z.number(),
      /** 'interrupted' when a signal ended the run early and the history was closed in order. */
      how: z.enum(['completed', 'interrupted', 'failed']),
    })
    .optional(),
  /**
   * What was done to the servers, written when the run ends: as the steps of a plan by which it would be done again, from
   * the moment on when they began to be disturbed.
   */
  faults: z
    .array(
      z.object({
        atMs: z.number(),
        fault: z.string(),
        params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
        /** Until it was mended; null: the run ended first. */
        forMs: z.number().nullable(),
      }),
    )
    .optional(),
  /** What has to be in the histories for a verdict. */
  verification: z
    .object({
      /** With fewer acknowledged operations the verdict is unknown. */
      acknowledgedOpsMin: z.int().nonnegative().optional(),
      /** The run was to end with reads of phase `final`; without them durability is unknown. */
      expectsFinalReads: z.boolean().optional(),
      /** The run was to end with a comparison of what its servers hold; without it that is unknown. */
      expectsTrees: z.boolean().optional(),
      /** Its clients have played this recipe: there has to be a transcript, which the recipe's own check understands. */
      recipe: z.string().optional(),
      /** Some of its servers were Apache's, which refuse a request or two that they should not (see `isLateForAClose`). */
      hasApacheServers: z.boolean().optional(),
    })
    .optional(),
});
export type RunFile = z.infer<typeof runFileSchema>;
