import { z } from 'zod';

/** True < unknown < false: an `unknown` is never green, and one violation outweighs any doubt. */
export const verdictSchema = z.enum(['valid', 'unknown', 'invalid']);
export type Verdict = z.infer<typeof verdictSchema>;

/** An operation, or what a client was told unasked, as a person wants to see it beside the explanation. */
export const anomalyOpSchema = z.object({
  /**
   * Row in the history as it was read: the generators' files one after another. Of a transcript, the request's xid within
   * its session; −1 of what was told unasked.
   */
  index: z.int(),
  process: z.int(),
  kind: z.string(),
  /** `ok`, `fail` (refused), `info` (nobody knows), or `told`: a watch event, or word of its session. */
  outcome: z.string(),
  /** `k12`, `k12/s0000000003`, or `/` for the root of the run; empty for word of a session. */
  node: z.string(),
  invokeMs: z.number(),
  completeMs: z.number(),
  /** Hex as ZooKeeper writes it; null if there was no reply. */
  zxid: z.string().nullable(),
});
export type AnomalyOp = z.infer<typeof anomalyOpSchema>;

/** Something that befell a client, and that it had not asked for. */
export const markSchema = z.object({
  process: z.int(),
  atMs: z.number(),
  kind: z.enum(['event', 'connected', 'lost', 'expired']),
  /** For people: `/n1 was changed`. */
  label: z.string(),
});
export type Mark = z.infer<typeof markSchema>;

/** What the clients of an anomaly did about that time, with what it is made of among it. */
export const surroundingsSchema = z.object({
  fromMs: z.number(),
  toMs: z.number(),
  ops: z.array(anomalyOpSchema),
  /** Operations of these clients in this time that are not among `ops`. */
  leftOut: z.int(),
  /** In order of time. */
  marks: z.array(markSchema).default([]),
});
export type Surroundings = z.infer<typeof surroundingsSchema>;

export const anomalySchema = z.object({
  /** Short and stable, for counting: `stale read`, `lost write`. */
  name: z.string(),
  /** An anomaly of `unknown` weight says why the checker could not decide. */
  verdict: z.enum(['unknown', 'invalid']),
  /** In words. `[2]` stands for the second of `ops`. */
  explanation: z.string(),
  /** What no order can break: the promise for which `explanation` is a contradiction. */
  why: z.string().optional(),
  /** In the order in which the explanation names them. */
  ops: z.array(anomalyOpSchema),
  /** Of the first few of each checker. */
  surroundings: surroundingsSchema.optional(),
});
export type Anomaly = z.infer<typeof anomalySchema>;

export const checkerResultSchema = z.object({
  /** `zxid-order`, `durability`, … */
  name: z.string(),
  verdict: verdictSchema,
  opsChecked: z.int(),
  durationMs: z.number(),
  /** How often each anomaly was found, by name; `anomalies` holds only the first few of each. */
  counts: z.record(z.string(), z.int()),
  anomalies: z.array(anomalySchema),
  /** Where it has not looked at everything: at how many of how many of what. */
  sample: z.object({ of: z.string(), searched: z.int(), total: z.int() }).optional(),
});
export type CheckerResult = z.infer<typeof checkerResultSchema>;

/** The `verification` section of report.json. */
export const verificationSchema = z.object({
  verdict: verdictSchema,
  checkers: z.array(checkerResultSchema),
});
export type Verification = z.infer<typeof verificationSchema>;
