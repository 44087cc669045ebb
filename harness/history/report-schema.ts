import { z } from 'zod';
import { environmentSchema } from './run-file.ts';
import { verificationSchema } from './verification.ts';

/** Raised by one when a field changes its meaning or goes away; new optional fields do not change it. */
export const REPORT_SCHEMA = 'stampede.report/1';

/** The `phase` of totals over all of `LOAD_PHASES`, and the `op` of totals over every op type. */
export const ALL = 'all';

/** The phases whose figures count: neither filling the tree, nor warming up, nor the checkers' final reads. */
export const LOAD_PHASES: readonly string[] = ['measure', 'crash', 'recovery'];

/**
 * What a reader gets as null and a writer may leave out: a run that was interrupted, or a target that would
 * not say, lacks almost anything, and its report must still be drawn.
 */
const orNull = <T extends z.ZodType>(type: T) => type.nullable().default(null);
const listOf = <T extends z.ZodType>(type: T) => z.array(type).default([]);
const count = z.number().int().nonnegative();
const nonNegative = z.number().nonnegative();
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const identity = z.object({
  runId: z.string(),
  toolVersion: z.string(),
  /** As the user would type it to run the same again, with the seed. */
  command: z.string(),
  seed: orNull(z.number()),
  /** ISO 8601, the wall clock at time zero. Every `…Ms` point of time below is on one monotonic clock from there. */
  startedAt: z.string(),
  durationMs: orNull(nonNegative),
  /** `running` is what stays behind when the harness itself was killed. */
  status: z.enum(['complete', 'interrupted', 'running']).default('complete'),
});

const server = z.object({
  serverId: orNull(count),
  /** host:port of its client port. */
  address: z.string(),
  /** Its role when load began: leader, follower, observer, standalone. */
  role: orNull(z.string()),
  version: orNull(z.string()),
});

const target = z.object({
  /** embedded, apache, existing, compose. */
  ensemble: z.string(),
  /** One line, as `srvr` or our own main says it. */
  version: orNull(z.string()),
  servers: listOf(server),
  /** Whether a write is flushed to disk before it is acknowledged; null where we cannot know. */
  flushesBeforeAck: orNull(z.boolean()),
  /** What zoo.cfg says, key by key. */
  config: z.record(z.string(), z.string()).default({}),
});

export const reportWorkloadSchema = z.object({
  name: z.string(),
  description: orNull(z.string()),
  loop: orNull(z.enum(['open', 'closed'])),
  /** Of an open loop: intended arrivals, all op types together. */
  ratePerSecond: orNull(nonNegative),
  connections: orNull(count),
  /** Per connection. */
  inFlightMax: orNull(count),
  keys: orNull(count),
  valueBytes: orNull(count),
  mix: listOf(z.object({ op: z.string(), weight: nonNegative })),
  /** Everything else the workload was given. */
  parameters: z.record(z.string(), scalar).default({}),
});

const phase = z.object({
  name: z.enum(['prepare', 'warmup', 'measure', 'crash', 'recovery', 'final']),
  startMs: nonNegative,
  /** Null: the run ended inside this phase. */
  endMs: orNull(nonNegative),
});

/** Of successful ops, in microseconds. A quantile over no op at all is null. */
const latency = z.object({
  minUs: orNull(nonNegative),
  meanUs: orNull(nonNegative),
  stddevUs: orNull(nonNegative),
  /** The 2.5th percentile. */
  p025Us: orNull(nonNegative),
  p50Us: orNull(nonNegative),
  p90Us: orNull(nonNegative),
  p95Us: orNull(nonNegative),
  /** The 97.5th percentile. */
  p975Us: orNull(nonNegative),
  p99Us: orNull(nonNegative),
  p999Us: orNull(nonNegative),
  p9999Us: orNull(nonNegative),
  maxUs: orNull(nonNegative),
  /** HdrHistogram's V2 encoding, compressed, base64: mergeable, and the source of the figures above. */
  hdrV2: orNull(z.string()),
  /** What one unit of the histogram's values is. */
  hdrUnit: z.enum(['us', 'ns']).default('us'),
});

const totals = z.object({
  /** An op type's name, or `all`. */
  op: z.string(),
  /** A phase's name, or `all`: every one of `LOAD_PHASES`. */
  phase: z.string(),
  /** Ops intended: `ok` + `failed` + `unknown`. */
  count,
  ok: count,
  /** Definite errors: the op took no effect. */
  failed: count.default(0),
  /** Indefinite errors: the op may or may not have taken effect, now or later. */
  unknown: count.default(0),
  /** Of both kinds, by ZooKeeper's name for the code (`ConnectionLoss`, `NoNode`, …). */
  errors: z.record(z.string(), count).default({}),
  /** Successful ops over the wall time of the phase. */
  opsPerSecond: orNull(nonNegative),
  /** From the intended start: what a user of an open system waits. */
  responseTime: orNull(latency),
  /** From the moment the request was written to the socket. */
  serviceTime: orNull(latency),
});

const timelinePoint = z.object({
  /** Where the interval begins. */
  tMs: nonNegative,
  /** Ops that succeeded in the interval, by op type. */
  ok: z.record(z.string(), count),
  /** Ops that ended in an error of either kind. */
  errors: count.default(0),
  /** Response time over all op types. */
  p50Us: orNull(nonNegative),
  p99Us: orNull(nonNegative),
  p999Us: orNull(nonNegative),
  maxUs: orNull(nonNegative),
  /** Ops *intended* in the interval that succeeded within the deadline, over ops intended: 0 to 1. */
  availability: orNull(z.number().min(0).max(1)),
});

const timeline = z.object({
  intervalMs: z.number().positive(),
  points: listOf(timelinePoint),
});

const event = z.object({
  tMs: nonNegative,
  /** Set for what lasts (a partition, a slow disk): drawn as a band and not as a line. */
  endMs: orNull(nonNegative),
  /** kill, pause, restart, partition, heal, detect, elect, first-success, steady, note, …: reports take any. */
  kind: z.string(),
  label: z.string(),
  serverId: orNull(count),
});

/** What one fault cost. Points of time as everywhere; `…GapMs` are lengths. */
const recovery = z.object({
  /** "leader killed (server 2)". */
  fault: z.string(),
  /** What rounds are summed up by: `kill-leader`. */
  kind: orNull(z.string()),
  serverId: orNull(count),
  /** What showed that it took effect, and that it was healed. */
  evidence: listOf(z.string()),
  /** Why nothing shows that it took effect. */
  noEffect: orNull(z.string()),
  /** When the fault was seen to have taken effect. */
  killedAtMs: orNull(nonNegative),
  /** First error a client saw, or first change of a server's role. */
  detectedAtMs: orNull(nonNegative),
  /** A new leader was visible. */
  electedAtMs: orNull(nonNegative),
  restartedAtMs: orNull(nonNegative),
  /** It was paused, and let go on. */
  resumedAtMs: orNull(nonNegative),
  /** First write that succeeded after the fault. */
  firstSuccessAtMs: orNull(nonNegative),
  /** From here throughput was at least 95 % of the baseline and p99 at most twice it. */
  steadyAtMs: orNull(nonNegative),
  /** The faulted server was in sync again. */
  rejoinedAtMs: orNull(nonNegative),
  /** The longest time without a write that succeeded. */
  writeGapMs: orNull(nonNegative),
  readGapMs: orNull(nonNegative),
  /** Σ (1 − availability) · interval. */
  lostAvailabilitySeconds: orNull(nonNegative),
  /** No gap shorter than this can be seen: the interval between two probes or two ops. */
  resolutionMs: orNull(nonNegative),
});

/** Over the rounds in which there was such a figure. */
const spread = z.object({ rounds: count, median: nonNegative, p90: nonNegative, max: nonNegative });

/** What several rounds of one kind cost. */
const recoverySummary = z.object({
  kind: z.string(),
  rounds: count,
  writeGapMs: orNull(spread),
  /** From the fault to when the new leader was seen. */
  electionMs: orNull(spread),
  /** From the fault to when all servers served again. */
  rejoinMs: orNull(spread),
  lostAvailabilitySeconds: orNull(spread),
});

/** The availability of one class of operations at one target, from probes at a fixed rate. */
const availabilityRow = z.object({
  /** read, syncRead, write, session, watch. */
  probeClass: z.string(),
  /** Null: the ensemble, as a client sees it that goes to the next server when its own fails. */
  serverId: orNull(count),
  /** How far apart the probes are. */
  intervalMs: z.number().positive(),
  /** Probes intended, sent or not. */
  intended: count,
  ok: count,
  /** By name: ZooKeeper's, or `DeadlinePassed`, `NotConnected`. */
  errors: z.record(z.string(), count).default({}),
  binMs: z.number().positive(),
  /** From the section's `fromMs` on: of the probes intended in each, the share that succeeded; null: there was none. */
  bins: z.array(z.number().min(0).max(1).nullable()).default([]),
});

const roleLane = z.object({
  serverId: count,
  /** Null: it served nobody, or did not answer. */
  spans: listOf(z.object({ fromMs: nonNegative, toMs: nonNegative, role: orNull(z.string()) })),
});

/** What clients could do when, measured by probes apart from the load. */
const availability = z.object({
  fromMs: nonNegative,
  toMs: nonNegative,
  /** What takes longer counts as failed. */
  deadlineMs: z.number().positive(),
  rows: listOf(availabilityRow),
  roles: listOf(roleLane),
  /** The prober's judgement of itself. */
  prober: z.object({
    /** Actual minus intended sending. */
    lagP99Ms: orNull(nonNegative),
    lagMaxMs: orNull(nonNegative),
    /** Of one core. */
    cpuShare: orNull(nonNegative),
    limited: z.boolean().default(false),
    reasons: listOf(z.string()),
  }),
});

/** What a fault cost one class of operations at one target. */
const seriesRecovery = z.object({
  probeClass: z.string(),
  serverId: orNull(count),
  intervalMs: z.number().positive(),
  firstFailureAtMs: orNull(nonNegative),
  /** The first success after that. */
  firstSuccessAtMs: orNull(nonNegative),
  steadyAtMs: orNull(nonNegative),
  /** The longest time without a success. */
  longestGapMs: orNull(nonNegative),
  /** Σ (1 − availability) · bin. */
  lostAvailabilitySeconds: orNull(nonNegative),
});

/** What a fault cost, by probes. Points of time as everywhere; null: it was not seen. */
const faultRecovery = z.object({
  fault: z.string(),
  kind: orNull(z.string()),
  activeAtMs: nonNegative,
  healedAtMs: orNull(nonNegative),
  /** The next fault, or the end of the probes: what comes after is not its doing. */
  untilMs: nonNegative,
  /** First error of a probe, or first server that was not any more what it had been. */
  detectedAtMs: orNull(nonNegative),
  detectedBy: orNull(z.enum(['probe', 'role'])),
  electedAtMs: orNull(nonNegative),
  leaderId: orNull(count),
  /** The new leader was last seen not to lead so long before. */
  electedWithinMs: orNull(nonNegative),
  /** Reads, synced reads and writes of the ensemble were as before. */
  steadyAtMs: orNull(nonNegative),
  /** Every server that had failed served again. */
  rejoinedAtMs: orNull(nonNegative),
  resolutionMs: nonNegative,
  /** The prober was late by so much when it mattered. */
  lagMaxMs: nonNegative,
  /** It was later than its interval: these times are no measure of the servers. */
  limited: z.boolean().default(false),
  series: listOf(seriesRecovery),
});

const probedRecovery = z.object({
  /** When it counts as steady. */
  limits: z.object({
    successShareMin: z.number(),
    p99FactorMax: z.number(),
    windowMs: z.number().positive(),
  }),
  faults: listOf(faultRecovery),
});

/** Requests to the servers' ports for operators, made by autocannon. */
const httpLoad = z.object({
  name: z.string(),
  description: orNull(z.string()),
  /** Of the servers, without a path. */
  origins: listOf(z.string()),
  paths: listOf(z.string()),
  connections: count,
  /** Requests a second over all connections; null: as fast as they were answered. */
  ratePerSecond: orNull(nonNegative),
  /** Measured from the events of autocannon, to the microsecond. */
  totals: listOf(totals),
  /** What it says itself. */
  autocannon: z.object({
    requestsPerSecond: nonNegative,
    bytesPerSecond: nonNegative,
    answered2xx: count,
    answeredOther: count,
    errors: count,
    timeouts: count,
  }),
});

/** The instrument's judgement of itself: a limited generator's figures say nothing about the server. */
const generator = z.object({
  /** Processes. */
  generators: orNull(count),
  /** Actual minus intended start. */
  scheduleLagP99Ms: orNull(nonNegative),
  scheduleLagMaxMs: orNull(nonNegative),
  eventLoopDelayP99Ms: orNull(nonNegative),
  eventLoopDelayMaxMs: orNull(nonNegative),
  /** Of one core, the busiest generator: 0 to about 1. */
  cpuShare: orNull(nonNegative),
  limited: z.boolean().default(false),
  reasons: listOf(z.string()),
});

export const thresholdSchema = z.object({
  /** As the user wrote it: `write.p99<20ms`. */
  expression: z.string(),
  /** What is measured: `write.p99`. */
  name: orNull(z.string()),
  /** Of the figures below. */
  unit: orNull(z.enum(['ms', '%', 'ops/s'])),
  actual: orNull(z.number()),
  /** The same figure of the run that it is held against. */
  baseline: orNull(z.number()),
  /** Null: there was nothing to measure it on. */
  passed: orNull(z.boolean()),
  /** Why there was not. */
  note: orNull(z.string()),
});

/** The run from before that thresholds hold this one against. */
const baseline = z.object({
  runId: z.string(),
  /** ISO 8601. */
  startedAt: z.string(),
  /** Of the working copy it was built from. */
  revision: orNull(z.string()),
});

const verdict = z.object({
  /** Null: the run did not come far enough to say. */
  passed: orNull(z.boolean()),
  /** Of the command that ran it. */
  exitCode: z.number().int().min(0).max(255),
  /** The one sentence a reader takes away. */
  sentence: z.string(),
  thresholds: listOf(thresholdSchema),
  baseline: orNull(baseline),
});

const artefact = z.object({
  /** Relative to the run directory, with `/`. */
  path: z.string(),
  bytes: orNull(count),
  description: orNull(z.string()),
});

/**
 * `report.json` of a run directory: everything a report says, and nothing that has to be computed from the
 * history again. Readers go through `parseReport`, which fills what was left out with null or an empty list.
 */
export const reportSchema = z.object({
  schema: z.literal(REPORT_SCHEMA),
  identity,
  target: orNull(target),
  /** As in run.json. */
  environment: orNull(environmentSchema),
  workload: orNull(reportWorkloadSchema),
  phases: listOf(phase),
  totals: listOf(totals),
  timeline: orNull(timeline),
  events: listOf(event),
  recoveries: listOf(recovery),
  recoverySummaries: listOf(recoverySummary),
  /** Of a run with probes. */
  availability: orNull(availability),
  recovery: orNull(probedRecovery),
  generator: orNull(generator),
  /** Alone, or beside the workload. */
  http: orNull(httpLoad),
  verification: orNull(verificationSchema),
  verdict: orNull(verdict),
  artefacts: listOf(artefact),
});

/** As it is read: every field there. */
export type Report = z.output<typeof reportSchema>;
/** As it may be written: what is null or empty may be left out. */
export type ReportInput = z.input<typeof reportSchema>;

export type ReportTarget = z.output<typeof target>;
export type ReportWorkload = z.output<typeof reportWorkloadSchema>;
export type ReportPhase = z.output<typeof phase>;
export type PhaseName = ReportPhase['name'];
export type LatencySummary = z.output<typeof latency>;
export type OpTotals = z.output<typeof totals>;
export type Timeline = z.output<typeof timeline>;
export type TimelinePoint = z.output<typeof timelinePoint>;
export type ReportEvent = z.output<typeof event>;
export type Recovery = z.output<typeof recovery>;
export type RecoverySummary = z.output<typeof recoverySummary>;
export type Spread = z.output<typeof spread>;
export type Availability = z.output<typeof availability>;
export type AvailabilityRow = z.output<typeof availabilityRow>;
export type RoleLane = z.output<typeof roleLane>;
export type FaultRecovery = z.output<typeof faultRecovery>;
export type SeriesCost = z.output<typeof seriesRecovery>;
export type HttpLoadReport = z.output<typeof httpLoad>;
export type GeneratorCheck = z.output<typeof generator>;
export type ThresholdResult = z.output<typeof thresholdSchema>;
export type ReportBaseline = z.output<typeof baseline>;
export type Artefact = z.output<typeof artefact>;
