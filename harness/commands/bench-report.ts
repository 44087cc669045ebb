import { readFileSync } from 'node:fs';
import { formatMeasured } from '../../reports/threshold-figures.ts';
import { fourLetterWord } from '../ensemble/four-letter-word.ts';
import { decidingAnomaly, explanationInFull } from '../history/anomaly-words.ts';
import type { History } from '../history/history.ts';
import {
  type HttpLoadReport,
  type ReportInput,
  reportSchema,
  type ThresholdResult,
} from '../history/report-schema.ts';
import type { RunFile } from '../history/run-file.ts';
import type { Verification } from '../history/verification.ts';
import type { FaultRound } from '../nemesis/fault.ts';
import { judgeThresholds } from '../thresholds/judge-thresholds.ts';
import type { Threshold } from '../thresholds/threshold.ts';
import type { Baseline } from './baseline.ts';
import { replayCommand } from './command-line.ts';
import type { Exercise, ExerciseResult } from './exercise.ts';
import { ExitCode } from './exit-code.ts';
import { availabilityOf, probedRecoveries } from './probe-report.ts';
import { completionsIn, recoveriesOf, summarizeRecoveries } from './recoveries.ts';
import type { ProbeFindings } from './run-probes.ts';
import type { Target } from './target.ts';

/** What a run has come to, as far as it came. */
export interface BenchOutcome {
  readonly runId: string;
  readonly runFile: RunFile;
  readonly exercise: Exercise;
  readonly target: ReportInput['target'];
  readonly result: ExerciseResult | null;
  readonly rounds: readonly FaultRound[];
  /** Null where there were none, or nothing is left of them. */
  readonly probes: ProbeFindings | null;
  /** Null where there is nothing to verify, or nothing came to be. */
  readonly history: History | null;
  readonly verification: Verification | null;
  /** What it has to hold, and what some of it is held against. */
  readonly thresholds: readonly Threshold[];
  readonly baseline: Baseline | null;
  /** Of requests beside the exercise; null where there were none. */
  readonly besideHttp: HttpLoadReport | null;
  readonly durationMs: number;
  /** The signal that ended it early. */
  readonly interruptedBy: 'SIGINT' | 'SIGTERM' | null;
  /** A server ended that nobody had ended, or did not come back: the load was ended early. */
  readonly hasServerDied: boolean;
}

/** What the target is, asked while it runs. */
export async function describeTarget(
  target: Target,
  config: Readonly<Record<string, string>>,
): Promise<ReportInput['target']> {
  const servers = await Promise.all(
    target.ensemble.servers.map(async ({ id, clientAddress }) => ({
      serverId: id,
      address: clientAddress,
      ...(target.isReal ? await askServer(clientAddress) : {}),
    })),
  );
  return {
    ensemble: target.ensemble.name,
    version: servers.find((server) => server.version !== undefined)?.version ?? null,
    servers,
    flushesBeforeAck: target.flushesBeforeAck,
    config: { ...config },
  };
}

/** `srvr` is on every server's whitelist; one that will not say leaves the fields empty. */
async function askServer(address: string): Promise<{ version?: string; role?: string }> {
  try {
    const answer = await fourLetterWord(address, 'srvr');
    const version = /Zookeeper version: (.*)/.exec(answer)?.[1];
    const role = /Mode: (\w+)/.exec(answer)?.[1];
    return { ...(version === undefined ? {} : { version }), ...(role === undefined ? {} : { role }) };
  } catch {
    return {};
  }
}

export function benchReport(outcome: BenchOutcome): ReportInput {
  const { runFile, result, history, rounds } = outcome;
  const timeline = result?.timeline ?? null;
  const completions = result?.completions ?? (history === null ? null : completionsIn(history));
  const recovery = outcome.probes === null ? null : probedRecoveries(outcome.probes.log, rounds);
  const recoveries = (completions === null ? [] : recoveriesOf(completions, rounds, timeline)).map(
    (one, index) => ({ ...one, steadyAtMs: recovery?.faults?.[index]?.steadyAtMs ?? null }),
  );
  const measured: ReportInput = {
    schema: 'stampede.report/1',
    identity: {
      runId: outcome.runId,
      toolVersion: runFile.toolVersion,
      command: replayCommand(runFile),
      seed: runFile.seed,
      startedAt: runFile.started.wall,
      durationMs: outcome.durationMs,
      status: outcome.interruptedBy === null && !outcome.hasServerDied ? 'complete' : 'interrupted',
    },
    target: outcome.target ?? null,
    environment: runFile.environment,
    workload: outcome.exercise.describe(),
    phases: [...(result?.phases ?? [])],
    totals: [...(result?.totals ?? [])],
    timeline,
    events: rounds.flatMap(eventsOf),
    recoveries,
    recoverySummaries: summarizeRecoveries(recoveries),
    availability: outcome.probes === null ? null : availabilityOf(outcome.probes),
    recovery,
    generator: result?.generator ?? null,
    http: result?.http ?? outcome.besideHttp,
    verification: outcome.verification,
  };
  return { ...measured, verdict: verdictOf(outcome, measured) };
}

type EventInput = NonNullable<ReportInput['events']>[number];

const EVENT_OF_EFFECT = {
  killed: { kind: 'kill', signal: 'SIGKILL' },
  paused: { kind: 'pause', signal: 'SIGSTOP' },
  replaced: { kind: 'stop', signal: 'SIGTERM' },
  disturbed: { kind: 'fault', signal: null },
} as const;

/** The fault as a band as long as it is felt, who leads after it, and when all is as before. */
function eventsOf(round: FaultRound): EventInput[] {
  const { effect, label, serverIds, injectedAtMs, leaderId, electedAtMs, mendedAtMs, servedAtMs } = round;
  const serverId = serverIds.length === 1 ? (serverIds[0] ?? null) : null;
  const { kind, signal } = EVENT_OF_EFFECT[effect];
  const events: EventInput[] = [
    {
      tMs: injectedAtMs,
      endMs: servedAtMs,
      kind,
      label: signal === null ? label : `${label} (${signal})`,
      serverId,
    },
  ];
  if (electedAtMs !== null) {
    events.push({ tMs: electedAtMs, kind: 'elect', label: `server ${leaderId} leads`, serverId: leaderId });
  }
  const backAtMs = round.rejoinedAtMs ?? mendedAtMs;
  if (backAtMs !== null) events.push({ tMs: backAtMs, kind: 'restart', label: 'serves again', serverId });
  return events;
}

function verdictOf(outcome: BenchOutcome, measured: ReportInput): NonNullable<ReportInput['verdict']> {
  const thresholds = thresholdsIn(outcome, measured);
  const { exitCode, sentence } = judgement(outcome, thresholds);
  return {
    passed: exitCode === ExitCode.passed,
    exitCode,
    sentence,
    thresholds,
    baseline: outcome.baseline?.identity ?? null,
  };
}

function thresholdsIn({ thresholds, baseline }: BenchOutcome, measured: ReportInput): ThresholdResult[] {
  if (thresholds.length === 0) return [];
  return judgeThresholds(thresholds, reportSchema.parse(measured), baseline?.report ?? null);
}

/** What weighs most first (docs/EXIT-CODES.md): a wrong history makes every figure worthless, however the run ended. */
function judgement(
  outcome: BenchOutcome,
  thresholds: readonly ThresholdResult[],
): { readonly exitCode: number; readonly sentence: string } {
  const { verification, result, interruptedBy } = outcome;
  if (verification?.verdict === 'invalid') {
    return {
      exitCode: ExitCode.historyInvalid,
      sentence: `The history is not valid: ${decidingInWords(verification)}`,
    };
  }
  if (outcome.hasServerDied) {
    return {
      exitCode: ExitCode.noSystem,
      sentence:
        'A server ended by itself or did not come back (its log says why); what was measured until then is below.',
    };
  }
  if (interruptedBy !== null) {
    const exitCode = interruptedBy === 'SIGINT' ? ExitCode.interrupted : ExitCode.terminated;
    return { exitCode, sentence: `Interrupted by ${interruptedBy}; what was measured until then is below.` };
  }
  const idle = outcome.rounds.find(({ noEffect }) => noEffect !== null);
  if (idle !== undefined) {
    return {
      exitCode: ExitCode.verdictUnknown,
      sentence: `What was to be tested was not: ${idle.label}: ${idle.noEffect}`,
    };
  }
  if (verification?.verdict === 'unknown') {
    return {
      exitCode: ExitCode.verdictUnknown,
      sentence: `Whether the history is valid could not be decided: ${decidingInWords(verification)}`,
    };
  }
  if (result?.http !== undefined && result.http.autocannon.answered2xx === 0) {
    return {
      exitCode: ExitCode.verdictUnknown,
      sentence: 'No request was answered as it was meant to be: there is nothing to say of these ports.',
    };
  }
  if (result?.generator?.limited === true) {
    return {
      exitCode: ExitCode.generatorLimited,
      sentence: `The load generator could not keep up (${result.generator.reasons.join('; ')}): the figures are its own.`,
    };
  }
  const missed = thresholds.filter(({ passed }) => passed !== true);
  if (missed.length > 0) {
    const sentence = `${missedInWords(missed, thresholds.length)} ${passedSentence(outcome)}`;
    return { exitCode: ExitCode.thresholdMissed, sentence };
  }
  return { exitCode: ExitCode.passed, sentence: passedSentence(outcome) };
}

function missedInWords(missed: readonly ThresholdResult[], count: number): string {
  const of = count === 1 ? 'The threshold was' : `${missed.length} of ${count} thresholds were`;
  const each = missed.map(({ expression, unit, actual, note }) => {
    const found = actual === null ? (note ?? 'not measured') : formatMeasured(actual, unit);
    return `${expression} (${found})`;
  });
  return `${of} missed: ${each.join(', ')}.`;
}

function decidingInWords(verification: Verification): string {
  const anomaly = decidingAnomaly(verification);
  return anomaly === null ? 'see the checkers below.' : `${anomaly.name}: ${explanationInFull(anomaly)}`;
}

function passedSentence({ verification, result, rounds }: BenchOutcome): string {
  if (verification === null)
    return result?.http === undefined
      ? 'Nothing to verify: this target answers constants.'
      : 'Nothing to verify: of requests by HTTP there is no history.';
  const ops = result?.historyOps.toLocaleString('en') ?? '0';
  const across = rounds.length === 0 ? '' : ` across ${roundsInWords(rounds)}`;
  return `All ${ops} operations verified: nothing acknowledged was lost, nothing was invented${across}.`;
}

function roundsInWords(rounds: readonly FaultRound[]): string {
  const effects = new Set(rounds.map(({ effect }) => effect));
  const all = rounds.length === 1 ? 'a' : `${rounds.length}`;
  const [only] = effects.size === 1 ? effects : [];
  switch (only) {
    case 'killed':
      return rounds.length === 1 ? 'a kill -9' : `${all} kills`;
    case 'paused':
      return rounds.length === 1 ? 'a pause' : `${all} pauses`;
    case 'replaced':
      return rounds.length === 1 ? 'a replacement' : `${all} replacements`;
    default:
      return rounds.length === 1 ? 'a fault' : `${all} faults`;
  }
}

/** The configuration the first server was started with, key by key; empty where it is not ours. */
export function configOf(configFile: string): Record<string, string> {
  try {
    const lines = readFileSync(configFile, 'utf8').split('\n');
    return Object.fromEntries(
      lines.flatMap((line) => {
        const at = line.indexOf('=');
        return at > 0 ? [[line.slice(0, at), line.slice(at + 1)]] : [];
      }),
    );
  } catch {
    return {};
  }
}
