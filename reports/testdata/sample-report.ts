import hdr from 'hdr-histogram-js';
import { ALL, REPORT_SCHEMA } from '../../harness/history/report-schema.ts';
import type { Report, ReportInput } from '../../harness/history/report-schema.ts';
import type { AnomalyOp, CheckerResult, Mark, Surroundings } from '../../harness/history/verification.ts';
import { formatReport, parseReport } from '../../harness/history/report-parse.ts';

type TotalsInput = NonNullable<ReportInput['totals']>[number];
type LatencyInput = NonNullable<TotalsInput['responseTime']>;
type PointInput = NonNullable<NonNullable<ReportInput['timeline']>['points']>[number];

const OPS = ['create', 'setData', 'getData'] as const;
const INTERVAL_MS = 100;
const KILLED_AT_MS = 40_000;
const BACK_AT_MS = 40_640;

/** A run that never was: 60 s of write-heavy load on three servers, whose leader was killed half-way. */
export function sampleReport(): Report {
  return parseReport(formatReport(sampleInput()));
}

export function sampleInput(): ReportInput {
  const random = generatorOf(20_260_301);
  return {
    schema: REPORT_SCHEMA,
    identity: {
      runId: '2026-03-01T12-00-00-write-heavy-k3f9',
      toolVersion: '0.1.0',
      command: 'npm run bench -- --workload write-heavy --crash leader --seed 42',
      seed: 42,
      startedAt: '2026-03-01T12:00:00.000Z',
      durationMs: 60_000,
    },
    ...sampleSetup(),
    phases: [
      { name: 'warmup', startMs: 0, endMs: 5000 },
      { name: 'measure', startMs: 5000, endMs: KILLED_AT_MS },
      { name: 'crash', startMs: KILLED_AT_MS, endMs: BACK_AT_MS },
      { name: 'recovery', startMs: BACK_AT_MS, endMs: 56_000 },
      { name: 'final', startMs: 56_000, endMs: 60_000 },
    ],
    totals: sampleTotals(random),
    timeline: {
      intervalMs: INTERVAL_MS,
      points: Array.from({ length: 600 }, (_, index) => samplePoint(index * INTERVAL_MS, random)),
    },
    ...sampleFault(),
    ...sampleProbes(),
    generator: {
      generators: 2,
      scheduleLagP99Ms: 0.41,
      scheduleLagMaxMs: 6.2,
      eventLoopDelayP99Ms: 1.3,
      eventLoopDelayMaxMs: 9.8,
      cpuShare: 0.57,
    },
    verification: sampleVerification(),
    verdict: {
      passed: true,
      exitCode: 0,
      sentence:
        'Sustained 18,157 ops/s at a p99 of 6.66 ms; writes came back 640 ms after the leader was killed, and the history of 926,871 ops is valid.',
      thresholds: [
        { expression: 'write.p99<20ms', name: 'write.p99', unit: 'ms', actual: 6.84, passed: true },
        { expression: 'write.gap<2s', name: 'write.gap', unit: 'ms', actual: 640, passed: true },
        {
          expression: 'throughput>=0.9*baseline',
          name: 'throughput',
          unit: 'ops/s',
          actual: 18_157,
          baseline: 18_960,
          passed: true,
        },
      ],
      baseline: {
        runId: '2026-02-28T12-00-00-write-heavy-a1b2',
        startedAt: '2026-02-28T12:00:00.000Z',
        revision: '0123456789abcdef',
      },
    },
    artefacts: [
      { path: 'report.json', bytes: 98_304, description: 'This report as data' },
      { path: 'latency.hlog', bytes: 41_210, description: 'HdrHistogram interval log' },
      { path: 'history/0.history', bytes: 24_117_248, description: 'Every op of generator 0' },
      { path: 'servers/1/server.log', bytes: 18_220, description: null },
    ],
  };
}

/** Numbers in [0, 1), the same for every run of a test. */
function generatorOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function sampleSetup(): Pick<ReportInput, 'target' | 'environment' | 'workload'> {
  return {
    target: {
      ensemble: 'embedded',
      version: 'Stampede 0.1.0',
      servers: [1, 2, 3].map((serverId) => ({
        serverId,
        address: `127.0.0.1:2181${serverId}`,
        role: serverId === 3 ? 'leader' : 'follower',
      })),
      flushesBeforeAck: true,
      config: { tickTime: '2000', initLimit: '10', syncLimit: '5', maxClientCnxns: '0' },
    },
    environment: {
      node: 'v20.20.2',
      platform: 'linux',
      arch: 'x64',
      kernel: '6.1.0',
      cpu: { model: 'Example CPU @ 3.00GHz', logical: 8 },
      memoryBytes: 16 * 2 ** 30,
      disk: { type: 'ext4', freeBytes: 200 * 2 ** 30 },
      git: { revision: '0123456789abcdef0123456789abcdef01234567', isDirty: false },
    },
    workload: {
      name: 'write-heavy',
      description: 'Nine writes to one read over a thousand znodes of 1 KiB.',
      loop: 'open',
      ratePerSecond: 18_500,
      connections: 21,
      inFlightMax: 20,
      keys: 1000,
      valueBytes: 1024,
      mix: [
        { op: 'create', weight: 20 },
        { op: 'setData', weight: 70 },
        { op: 'getData', weight: 10 },
      ],
      parameters: { keyDistribution: 'zipfian', deadlineMs: 1000 },
    },
  };
}

function sampleFault(): Pick<ReportInput, 'events' | 'recoveries'> {
  return {
    events: [
      { tMs: KILLED_AT_MS, kind: 'kill', label: 'leader killed (server 3)', serverId: 3 },
      { tMs: 40_310, kind: 'elect', label: 'server 2 leads', serverId: 2 },
      { tMs: BACK_AT_MS, kind: 'first-success', label: 'first write that succeeded' },
      { tMs: 43_000, kind: 'restart', label: 'server 3 started again', serverId: 3 },
      { tMs: 20_000, endMs: 24_000, kind: 'slow-disk', label: 'flushes of server 1 take 5 ms', serverId: 1 },
    ],
    recoveries: [
      {
        fault: 'Leader killed (server 3)',
        serverId: 3,
        killedAtMs: KILLED_AT_MS,
        detectedAtMs: 40_012,
        electedAtMs: 40_310,
        firstSuccessAtMs: BACK_AT_MS,
        restartedAtMs: 43_000,
        steadyAtMs: 41_900,
        rejoinedAtMs: 43_420,
        writeGapMs: 640,
        readGapMs: 38.5,
        lostAvailabilitySeconds: 0.61,
        resolutionMs: 10,
      },
    ],
  };
}

const PROBED_FROM_MS = 5000;
const PROBED_TO_MS = 56_000;
const PROBED = [null, 1, 2, 3].flatMap((serverId) =>
  ['read', 'syncRead', 'write', 'session', 'watch'].map((probeClass) => ({ serverId, probeClass })),
);

/** Between the kill and the first success nobody is served, and server 3 not until it is back. */
function downUntilMs(serverId: number | null): number {
  return serverId === 3 ? 43_420 : BACK_AT_MS;
}

function sampleProbes(): {
  readonly availability: NonNullable<ReportInput['availability']>;
  readonly recovery: NonNullable<ReportInput['recovery']>;
} {
  const [fromMs, toMs] = [PROBED_FROM_MS, PROBED_TO_MS];
  return {
    availability: {
      fromMs,
      toMs,
      deadlineMs: 1000,
      rows: PROBED.map(sampleRow),
      roles: [
        { serverId: 1, spans: [{ fromMs, toMs, role: 'follower' }] },
        {
          serverId: 2,
          spans: [
            { fromMs, toMs: 40_310, role: 'follower' },
            { fromMs: 40_310, toMs, role: 'leader' },
          ],
        },
        {
          serverId: 3,
          spans: [
            { fromMs, toMs: 40_012, role: 'leader' },
            { fromMs: 40_012, toMs: 43_420, role: null },
            { fromMs: 43_420, toMs, role: 'follower' },
          ],
        },
      ],
      prober: { lagP99Ms: 1.4, lagMaxMs: 6.3, cpuShare: 0.014 },
    },
    recovery: {
      limits: { successShareMin: 0.95, p99FactorMax: 2, windowMs: 1000 },
      faults: [sampleProbedFault()],
    },
  };
}

function sampleRow({ serverId, probeClass }: (typeof PROBED)[number]) {
  const lengthMs = PROBED_TO_MS - PROBED_FROM_MS;
  const intervalMs = probeClass === 'session' ? 1000 : serverId === null ? 20 : 100;
  const binMs = 5 * intervalMs;
  const bins = Array.from({ length: Math.ceil(lengthMs / binMs) }, (_, index) => {
    const start = PROBED_FROM_MS + index * binMs;
    const downMs = Math.min(start + binMs, downUntilMs(serverId)) - Math.max(start, KILLED_AT_MS);
    return 1 - Math.max(0, downMs) / binMs;
  });
  const intended = lengthMs / intervalMs;
  const failed = Math.ceil((downUntilMs(serverId) - KILLED_AT_MS) / intervalMs);
  const errors = { NotConnected: failed - 1, ConnectionLoss: 1 };
  return { probeClass, serverId, intervalMs, intended, ok: intended - failed, errors, binMs, bins };
}

function sampleProbedFault() {
  return {
    fault: 'Leader killed (server 3)',
    kind: 'kill-leader',
    activeAtMs: KILLED_AT_MS,
    healedAtMs: 43_000,
    untilMs: PROBED_TO_MS,
    detectedAtMs: 40_008,
    detectedBy: 'probe' as const,
    electedAtMs: 40_310,
    leaderId: 2,
    electedWithinMs: 21,
    steadyAtMs: 40_660,
    rejoinedAtMs: 43_460,
    resolutionMs: 25,
    lagMaxMs: 2.2,
    series: PROBED.map(({ serverId, probeClass }) => ({
      probeClass,
      serverId,
      intervalMs: 20,
      firstFailureAtMs: 40_008,
      firstSuccessAtMs: downUntilMs(serverId) + 12,
      steadyAtMs: downUntilMs(serverId) + 20,
      longestGapMs: downUntilMs(serverId) + 32 - KILLED_AT_MS,
      lostAvailabilitySeconds: (downUntilMs(serverId) - KILLED_AT_MS) / 1000,
    })),
  };
}

function samplePoint(tMs: number, random: () => number): PointInput {
  const isDown = tMs >= KILLED_AT_MS && tMs < BACK_AT_MS;
  const isSlow = tMs >= 20_000 && tMs < 24_000;
  const share = isDown ? 0.01 : (tMs < 5000 ? 0.5 + tMs / 10_000 : 1) * (isSlow ? 0.8 : 1);
  const ops = 1850 * share * (0.94 + random() * 0.12);
  const slowness = (isDown ? 30 : isSlow ? 4 : 1) * (1 + random() * 0.3);
  return {
    tMs,
    ok: {
      create: Math.round(ops * 0.2),
      setData: Math.round(ops * 0.7),
      getData: Math.round(ops * 0.1 + (isDown ? 40 : 0)),
    },
    errors: isDown ? Math.round(100 + random() * 80) : 0,
    p50Us: isDown ? null : Math.round(1900 * slowness),
    p99Us: isDown ? null : Math.round(7200 * slowness),
    p999Us: isDown ? null : Math.round(13_500 * slowness),
    maxUs: Math.round(19_000 * slowness * (1 + random() * random())),
    availability: isDown ? 0.02 : 1,
  };
}

/** Successful ops of each type under load, and their mean latency. */
const SHAPE_OF_OP = {
  create: { ok: 185_200, meanUs: 2300 },
  setData: { ok: 648_200, meanUs: 2050 },
  getData: { ok: 92_600, meanUs: 410 },
} as const;

const SHAPE_OF_PHASE = {
  measure: { ok: 620_000, meanUs: 1980, seconds: 35 },
  crash: { ok: 120, meanUs: 210_000, seconds: 0.64 },
  recovery: { ok: 305_880, meanUs: 1990, seconds: 15.36 },
  final: { ok: 74_000, meanUs: 1980, seconds: 4 },
} as const;

const LOAD_SECONDS = 51;
const LOST = { failed: 0, unknown: 871, errors: { ConnectionLoss: 871 } };

function sampleTotals(random: () => number): TotalsInput[] {
  const all = opTotals(ALL, ALL, { ok: 926_000, meanUs: 1980, seconds: LOAD_SECONDS, random });
  const byOp = OPS.map((op) =>
    opTotals(op, ALL, { ...SHAPE_OF_OP[op], seconds: LOAD_SECONDS, random }),
  );
  const byPhase = (['measure', 'crash', 'recovery', 'final'] as const).map((phase) =>
    opTotals(ALL, phase, { ...SHAPE_OF_PHASE[phase], random }),
  );
  const byBoth = OPS.map((op) =>
    opTotals(op, 'recovery', { ok: 2000, meanUs: SHAPE_OF_OP[op].meanUs, seconds: 15.36, random }),
  );
  return [all, ...byOp, ...byPhase, ...byBoth].map((totals) =>
    (totals.op === 'setData' && totals.phase === ALL) || totals === all || totals.phase === 'crash'
      ? { ...totals, ...LOST, count: totals.ok + LOST.unknown }
      : totals,
  );
}

function opTotals(
  op: string,
  phase: string,
  shape: { ok: number; meanUs: number; seconds: number; random: () => number },
): TotalsInput {
  const { ok, meanUs, seconds, random } = shape;
  return {
    op,
    phase,
    count: ok,
    ok,
    opsPerSecond: Math.round(ok / seconds),
    responseTime: latencyOf(ok, () => meanUs * 0.35 - meanUs * 0.65 * Math.log(1 - random())),
    serviceTime: latencyOf(ok, () => meanUs * 0.3 - meanUs * 0.5 * Math.log(1 - random())),
  };
}

/** Many values are the same one recorded more than once: enough for a chart, and a test need not wait. */
const DRAWS_MAX = 20_000;

function latencyOf(count: number, drawUs: () => number): LatencyInput {
  const histogram = hdr.build({ highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: 3 });
  const each = Math.ceil(count / DRAWS_MAX);
  for (let left = count; left > 0; left -= each) {
    histogram.recordValueWithCount(Math.max(1, Math.round(drawUs())), Math.min(each, left));
  }
  const at = (percentile: number): number => histogram.getValueAtPercentile(percentile);
  return {
    minUs: histogram.minNonZeroValue,
    meanUs: Math.round(histogram.mean),
    stddevUs: Math.round(histogram.stdDeviation),
    p025Us: at(2.5),
    p50Us: at(50),
    p90Us: at(90),
    p95Us: at(95),
    p975Us: at(97.5),
    p99Us: at(99),
    p999Us: at(99.9),
    p9999Us: at(99.99),
    maxUs: histogram.maxValue,
    hdrV2: hdr.encodeIntoCompressedBase64(histogram),
  };
}

function sampleVerification(): NonNullable<ReportInput['verification']> {
  return {
    verdict: 'valid',
    checkers: [
      checkerOf('zxid-order', 926_871, 402),
      checkerOf('session-order', 926_871, 160),
      {
        ...checkerOf('linearizability', 120_000, 250),
        sample: { of: 'znodes', searched: 1200, total: 9000 },
      },
    ],
  };
}

function checkerOf(name: string, opsChecked: number, durationMs: number): CheckerResult {
  return { name, verdict: 'valid', opsChecked, durationMs, counts: {}, anomalies: [] };
}

/** The same run with a lost write in it. */
/** Of clients 3 and 5, some of it at once, and one operation that was never answered. */
function aroundLostWrite(): Surroundings {
  const ops = Array.from({ length: 40 }, (_, i): AnomalyOp => {
    const invokeMs = 39_380 + 45 * i;
    const outcome = i === 11 ? 'info' : i % 9 === 0 ? 'fail' : 'ok';
    return {
      index: 512_000 + i,
      process: i % 2 === 0 ? 3 : 5,
      kind: i % 3 === 0 ? 'getData' : 'setData',
      outcome,
      node: `k${i}`,
      invokeMs,
      completeMs: outcome === 'info' ? -1 : invokeMs + 20 + 9 * (i % 17),
      zxid: outcome === 'info' ? null : `0x1000000${String(10 + i)}`,
    };
  });
  const marks: Mark[] = [
    { process: 3, atMs: 39_900, kind: 'lost', label: 'lost its connection' },
    { process: 3, atMs: 40_120, kind: 'connected', label: 'connected to 127.0.0.1:2182' },
    { process: 5, atMs: 40_400, kind: 'event', label: '/k17 was changed' },
  ];
  return { fromMs: 39_371.204, toMs: 41_203.066, ops, leftOut: 1_840, marks };
}

export function invalidInput(): ReportInput {
  const sample = sampleInput();
  const write = { index: 512_204, process: 3, kind: 'setData', outcome: 'ok', node: 'k17' };
  return {
    ...sample,
    verification: {
      verdict: 'invalid',
      checkers: [
        checkerOf('session-order', 926_871, 160),
        {
          ...checkerOf('zxid-order', 926_871, 402),
          verdict: 'invalid',
          counts: { 'lost write': 13, 'stale read': 1 },
          anomalies: [
            {
              name: 'lost write',
              verdict: 'invalid',
              explanation: 'k17: value 3.9 was acknowledged at 0x10000002a [1]; at the end it is missing [2]',
              why: 'What was acknowledged stays until a later write replaces it.',
              ops: [
                { ...write, invokeMs: 39_871.204, completeMs: 39_873.81, zxid: '0x10000002a' },
                {
                  ...write,
                  index: 512_977,
                  process: 5,
                  kind: 'getData',
                  invokeMs: 40_702.4,
                  completeMs: 40_703.066,
                  zxid: '0x200000004',
                },
              ],
              surroundings: aroundLostWrite(),
            },
            {
              name: 'stale read',
              verdict: 'invalid',
              explanation: 'Process 5 read k9 at an older zxid than it had seen.',
              ops: [],
            },
          ],
        },
        {
          ...checkerOf('durability', 0, 12),
          verdict: 'unknown',
          counts: { 'no final reads': 1 },
          anomalies: [
            {
              name: 'no final reads',
              verdict: 'unknown',
              explanation: 'The run was to end with reads of every key, and has none.',
              ops: [],
            },
          ],
        },
      ],
    },
    verdict: {
      passed: false,
      exitCode: 100,
      sentence: 'The history is invalid: an acknowledged write to k17 was lost when the leader was killed.',
    },
  };
}

/** The same run with twenty rounds of it. */
export function roundsInput(): ReportInput {
  const sample = sampleInput();
  const rounds = Array.from({ length: 20 }, (_, index) => ({
    ...sample.recoveries?.[0],
    fault: `leader killed (server ${(index % 3) + 1})`,
    kind: 'kill-leader',
    writeGapMs: 600 + 10 * index,
  }));
  return {
    ...sample,
    recoveries: rounds,
    recoverySummaries: [
      {
        kind: 'kill-leader',
        rounds: 20,
        writeGapMs: { rounds: 20, median: 695, p90: 770, max: 790 },
        electionMs: { rounds: 19, median: 310, p90: 312.4, max: 1310 },
        lostAvailabilitySeconds: { rounds: 20, median: 0.61, p90: 0.7, max: 0.8 },
      },
    ],
  };
}

/** What stays behind when a run is interrupted in its first seconds. */
export function partialInput(): ReportInput {
  const { schema, identity, phases, timeline } = sampleInput();
  return {
    schema,
    identity: { ...identity, durationMs: null, status: 'interrupted' },
    phases: [
      ...(phases ?? []).slice(0, 1),
      { name: 'measure', startMs: 5000, endMs: null },
    ],
    timeline: { intervalMs: INTERVAL_MS, points: (timeline?.points ?? []).slice(0, 90) },
  };
}

export const HOSTILE = `</script><img src=x onerror="document.title='pwned'">'"\`<!--&lt;`;

/** A run all of whose names would be markup if they were let. */
export function hostileInput(): ReportInput {
  const sample = sampleInput();
  return {
    ...sample,
    identity: { ...sample.identity, runId: HOSTILE, command: HOSTILE, startedAt: HOSTILE },
    workload: { name: HOSTILE, description: HOSTILE, mix: [{ op: HOSTILE, weight: 1 }] },
    target: {
      ensemble: HOSTILE,
      servers: [{ address: HOSTILE, role: HOSTILE }],
      config: { [HOSTILE]: HOSTILE },
    },
    totals: (sample.totals ?? []).map((totals) =>
      totals.op === 'setData' ? { ...totals, op: HOSTILE, errors: { [HOSTILE]: 871 } } : totals,
    ),
    events: [{ tMs: 1000, endMs: 2000, kind: HOSTILE, label: HOSTILE }],
    recoveries: Array.from({ length: 7 }, () => ({ fault: HOSTILE, kind: HOSTILE })),
    recoverySummaries: [{ kind: HOSTILE, rounds: 7, writeGapMs: { rounds: 7, median: 1, p90: 2, max: 3 } }],
    ...hostileProbes(),
    verification: {
      verdict: 'invalid',
      checkers: [
        {
          ...checkerOf(HOSTILE, 1, 1),
          verdict: 'invalid',
          counts: { [HOSTILE]: 1 },
          anomalies: [{ name: HOSTILE, verdict: 'invalid', explanation: HOSTILE, ops: [] }],
        },
      ],
    },
    verdict: {
      passed: false,
      exitCode: 100,
      sentence: HOSTILE,
      thresholds: [{ expression: HOSTILE, name: HOSTILE, note: HOSTILE }],
      baseline: { runId: HOSTILE, startedAt: HOSTILE, revision: HOSTILE },
    },
    artefacts: [{ path: HOSTILE }, { path: `javascript:alert(1)//${HOSTILE}` }, { path: '../../etc/passwd' }],
  };
}

function hostileProbes(): Pick<ReportInput, 'availability' | 'recovery'> {
  const { availability, recovery } = sampleProbes();
  const fault = sampleProbedFault();
  return {
    availability: {
      ...availability,
      rows: PROBED.slice(0, 1).map((one) => ({
        ...sampleRow(one),
        probeClass: HOSTILE,
        errors: { [HOSTILE]: 1 },
      })),
      roles: [{ serverId: 1, spans: [{ fromMs: PROBED_FROM_MS, toMs: PROBED_TO_MS, role: HOSTILE }] }],
      prober: { limited: true, reasons: [HOSTILE] },
    },
    recovery: {
      ...recovery,
      faults: [
        {
          ...fault,
          fault: HOSTILE,
          kind: HOSTILE,
          limited: true,
          series: fault.series.slice(0, 1).map((series) => ({ ...series, probeClass: HOSTILE })),
        },
      ],
    },
  };
}
