import { z } from 'zod';
import { parseThreshold } from '../thresholds/threshold.ts';
import { LOAD_OPERATIONS } from './load-operations.ts';

/** A value begins with the eight bytes that tell which write it came from. */
export const VALUE_BYTES_MIN = 8;
/** What `jute.maxbuffer` leaves for the value in a request of 1 MiB. */
const VALUE_BYTES_MAX = 1_000_000;
const KEYS_MAX = 10_000_000;
const CONNECTIONS_MAX = 10_000;
const DEPTH_MAX = 16_384;
export const RATE_MAX = 5_000_000;
const DAY_S = 86_400;

const weight = z.number().nonnegative().optional();
const valueBytes = z.int().min(VALUE_BYTES_MIN).max(VALUE_BYTES_MAX);

const mixSchema = z
  .strictObject({
    read: weight,
    write: weight,
    create: weight,
    delete: weight,
    exists: weight,
    children: weight,
    sync: weight,
  })
  .refine((mix) => Object.values(mix).some((share) => share !== undefined && share > 0), {
    error: 'no operation has a weight above 0; give at least one, for example read: 1',
  });

const distributionSchema = z.union([
  z.enum(['uniform', 'zipfian', 'latest']),
  z.strictObject({ type: z.literal('uniform') }),
  z.strictObject({ type: z.enum(['zipfian', 'latest']), theta: z.number().positive().max(5) }),
]);

const sizeRangeSchema = z
  .strictObject({ min: valueBytes, max: valueBytes })
  .refine((size) => size.min <= size.max, {
    error: 'min is larger than max; exchange them',
  });

const thresholdSchema = z.string().superRefine((text, context) => {
  const parsed = parseThreshold(text);
  if (!parsed.ok) {
    context.addIssue({
      code: 'custom',
      message: `"${text}", column ${parsed.column}: ${parsed.advice}`,
    });
  }
});

const shape = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, 'use lower-case letters, digits and dashes, as in write-heavy'),
  doc: z.string().default(''),
  mix: mixSchema,
  keys: z.strictObject({
    count: z.int().min(1).max(KEYS_MAX),
    distribution: distributionSchema.default('uniform'),
  }),
  valueSize: z.union([valueBytes, sizeRangeSchema]),
  connections: z.int().min(1).max(CONNECTIONS_MAX),
  depth: z.int().min(1).max(DEPTH_MAX).optional(),
  rate: z.number().positive().max(RATE_MAX).optional(),
  arrivals: z.enum(['poisson', 'constant']).optional(),
  durationS: z.number().positive().max(DAY_S),
  warmupS: z.number().nonnegative().max(DAY_S),
  root: z
    .string()
    .regex(/^(\/[^/\s]+)+$/, 'write an absolute path without a slash at the end, as in /stampede')
    .default('/stampede'),
  thresholds: z.array(thresholdSchema).default([]),
});

/** The schema a workload file is read by. `z.input` of it is what a file may say. */
export const workloadSchema = shape
  .refine((workload) => (workload.depth === undefined) !== (workload.rate === undefined), {
    error:
      'give either depth (closed loop: so many operations in flight on each connection) ' +
      'or rate (open loop: operations a second over all connections), and not both',
    path: ['depth'],
  })
  .refine((workload) => workload.arrivals === undefined || workload.rate !== undefined, {
    error: 'arrivals is for an open loop; give a rate, or leave arrivals out',
    path: ['arrivals'],
  })
  .refine((workload) => !workload.root.startsWith('/zookeeper'), {
    error: 'a load must not write below /zookeeper; choose another root',
    path: ['root'],
  });

/**
 * What clients do to the ensemble, as a value: it is stored with the run and says everything but the seed.
 *
 * - `mix`: weights, of any sum; an operation left out has weight 0.
 * - `keys.count`: znodes `<root>/k0` … that exist before the load starts. Creates add to them.
 * - `distribution`: `uniform`; `zipfian` (k0 the most popular; theta 0.99 unless told); `latest` (the newest the
 *   most popular, by the same law).
 * - `valueSize`: bytes, fixed or drawn evenly from min…max.
 * - `depth` or `rate`: closed or open loop, exactly one of them. `arrivals` (open loop): `poisson` unless told.
 * - `connections`: each its own session; they are divided among the generators.
 * - `thresholds`: what a run has to hold, see `parseThreshold`; they do not change the load.
 */
export type Workload = z.output<typeof workloadSchema>;
export type WorkloadInput = z.input<typeof workloadSchema>;

/** The configuration is wrong; the message says where, what is wrong and what would be right. Exit code 2. */
export class WorkloadError extends Error {
  override readonly name = 'WorkloadError';
  readonly code = 'workload';
}

/**
 * Checks a value from anywhere. `source` is named in the message: a file name, `--set` and the like.
 * @throws WorkloadError with one line for each thing that is wrong.
 */
export function parseWorkload(value: unknown, source: string): Workload {
  const result = workloadSchema.safeParse(value);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => `  ${describeIssue(issue)}`);
  throw new WorkloadError(`${source} is not a workload:\n${lines.join('\n')}`);
}

type Issue = z.core.$ZodIssue;

function describeIssue(issue: Issue): string {
  const where = issue.path.length === 0 ? 'at the top' : issue.path.join('.');
  return `${where}: ${adviceFor(issue)}`;
}

function adviceFor(issue: Issue): string {
  if (issue.code === 'unrecognized_keys') {
    return `unknown ${issue.keys.join(', ')}; known here: ${knownKeysAt(issue.path).join(', ')}`;
  }
  return issue.code === 'invalid_union' ? adviceForUnion(issue.path) : issue.message;
}

function knownKeysAt(path: readonly PropertyKey[]): readonly string[] {
  switch (path.join('.')) {
    case 'mix':
      return LOAD_OPERATIONS;
    case 'keys':
      return ['count', 'distribution'];
    case 'valueSize':
      return ['min', 'max'];
    default:
      return Object.keys(shape.shape);
  }
}

function adviceForUnion(path: readonly PropertyKey[]): string {
  if (path[0] === 'valueSize') {
    return (
      `give a whole number of bytes from ${VALUE_BYTES_MIN} to ${VALUE_BYTES_MAX}, ` +
      'or {min, max} with min not above max'
    );
  }
  return 'give uniform, zipfian or latest, or {type: zipfian, theta: 0.99} with theta above 0 and at most 5';
}

/** Zipf's exponent where the workload names the distribution alone; YCSB's default. */
const THETA_DEFAULT = 0.99;

export type KeyDistribution =
  { readonly type: 'uniform' } | { readonly type: 'zipfian' | 'latest'; readonly theta: number };

export function distributionOf(workload: Workload): KeyDistribution {
  const { distribution } = workload.keys;
  if (typeof distribution !== 'string') return distribution;
  return distribution === 'uniform' ? { type: 'uniform' } : { type: distribution, theta: THETA_DEFAULT };
}

export function valueSizeOf(workload: Workload): { readonly min: number; readonly max: number } {
  const { valueSize } = workload;
  return typeof valueSize === 'number' ? { min: valueSize, max: valueSize } : valueSize;
}
