import { z } from 'zod';

/**
 * Under what a plan is played, as far as its file says: what `chaos` is told by the flags of these names. What is left
 * out is as without the file.
 */
export const runSettingsSchema = z.strictObject({
  /** A recipe's name: what the clients do. */
  workload: z.string().optional(),
  participants: z.int().min(1).optional(),
  /** Steps a second of each. */
  rate: z.number().positive().optional(),
  sessionTimeoutMs: z.int().min(1).optional(),
  timeS: z.number().min(0).optional(),
  /** Of what the clients draw. */
  seed: z.int().min(0).optional(),
  target: z.string().optional(),
  /** A number, or kinds. */
  servers: z
    .union([z.string(), z.int().min(1)])
    .transform(String)
    .optional(),
  apacheClasspath: z.string().optional(),
  /** Lines of zoo.cfg. */
  config: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)).optional(),
  /** Null: none. */
  probes: z
    .strictObject({ ratePerSecond: z.number().positive(), deadlineMs: z.number().positive() })
    .nullable()
    .optional(),
});
export type RunSettings = z.output<typeof runSettingsSchema>;
