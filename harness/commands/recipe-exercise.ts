import { Prng } from '../../server/base/prng.ts';
import { formatServerAddress, parseConnectString, type ServerAddress } from '../client/connect-string.ts';
import { pause } from '../ensemble/wait-until.ts';
import { transcriptFile } from '../history/run-directory.ts';
import { monotonicClock } from '../load/load-clock.ts';
import type { Recipe } from '../recipes/recipe.ts';
import { startRecipe } from '../recipes/run-recipe.ts';
import { type Exchange, type Happening, isWrite } from '../transcript/happening.ts';
import { happeningsIn } from '../transcript/happenings.ts';
import { timelineOf, totalsOf } from '../transcript/measure.ts';
import { readTranscript } from '../transcript/transcript-reader.ts';
import type { Exercise, ExerciseResult, ExerciseTools } from './exercise.ts';
import { tellProgress } from './tell-progress.ts';
import type { Completions } from './recoveries.ts';

export interface RecipeExerciseOptions {
  readonly recipe: Recipe;
  readonly seed: number;
  readonly durationMs: number;
  readonly participants: number;
  readonly rate: number;
  readonly sessionTimeoutMs: number;
}

const ROOT = '/stampede';
const INTERVAL_MS = 100;
/** What is answered later does not count as available. */
const DEADLINE_MS = 1_000;
const CONCLUDE_TIMEOUT_MS = 60_000;

/** A recipe played by its participants, a part of them pinned to one server each and the others at home on all. */
export function recipeExercise(options: RecipeExerciseOptions): Exercise {
  const { recipe, seed, durationMs, participants, rate, sessionTimeoutMs } = options;
  const root = `${ROOT}/${recipe.name}`;
  return {
    name: recipe.name,
    root,
    plannedMs: durationMs,
    seed,
    config: { recipe: recipe.name, durationMs, participants, rate, sessionTimeoutMs },
    expects: { recipe: recipe.name },
    describe: () => ({
      name: recipe.name,
      description: recipe.doc,
      loop: 'open',
      ratePerSecond: participants * rate,
      connections: participants,
      parameters: { stepsPerSecondEach: rate, sessionTimeoutMs, root },
    }),
    run: (tools) => play(options, root, tools),
  };
}

async function play(
  options: RecipeExerciseOptions,
  root: string,
  { ensemble, run, startNs, signal, onPhase, onProgress, during }: ExerciseTools,
): Promise<ExerciseResult> {
  const { recipe, durationMs } = options;
  const clock = monotonicClock(startNs);
  const nowMs = (): number => clock.nowNs() / 1e6;
  const end = new AbortController();
  const transcript = transcriptFile(run, recipe.name);
  const { servers, chroot } = parseConnectString(ensemble.connectString);

  onPhase('prepare');
  const running = await startRecipe({
    ...options,
    connectStrings: connectStringsOf(servers),
    // On the wire paths are whole, and a transcript is what was on the wire.
    root: chroot + root,
    prng: new Prng(options.seed).fork('recipe'),
    clock,
    transcript,
    signal: AbortSignal.any([end.signal, signal]),
    concludeTimeoutMs: CONCLUDE_TIMEOUT_MS,
  });
  onPhase('measure');
  const fromMs = nowMs();
  const stopTelling = tellProgress(() => running.tally, nowMs, onProgress);
  await Promise.all([
    pause(durationMs, signal),
    during?.({
      nowMs,
      enterPhase: async (phase) => onPhase(phase),
      hasAcknowledged: (sinceMs) => running.tally.acknowledgedMs >= sinceMs,
      signal,
    }),
  ]);
  const toMs = nowMs();
  end.abort();
  await running.stopped;
  stopTelling();
  onPhase('final');
  if (signal.aborted) await running.giveUp();
  else await running.conclude();

  const happenings = happeningsIn(readTranscript(transcript).records);
  const totals = totalsOf(happenings, { fromMs, toMs });
  return {
    phases: [{ name: 'measure', startMs: fromMs, endMs: toMs }],
    totals,
    timeline: timelineOf(happenings, { fromMs, toMs, intervalMs: INTERVAL_MS, deadlineMs: DEADLINE_MS }),
    generator: null,
    completions: completionsOf(happenings),
    historyOps: happenings.filter(({ type }) => type === 'request').length,
  };
}

function completionsOf(happenings: readonly Happening[]): Completions {
  const acknowledged: number[] = [];
  const unanswered: number[] = [];
  const inFlight = new Set<Exchange>();
  for (const happening of happenings) {
    if (happening.type === 'request') inFlight.add(happening.exchange);
    if (happening.type === 'reply') {
      inFlight.delete(happening.exchange);
      if (isWrite(happening.exchange) && happening.exchange.reply?.err === 0)
        acknowledged.push(happening.atNs / 1e6);
    }
    if (happening.type !== 'lost') continue;
    for (const exchange of inFlight) {
      if (exchange.session !== happening.session) continue;
      inFlight.delete(exchange);
      unanswered.push(happening.atNs / 1e6);
    }
  }
  return { acknowledgedMs: Float64Array.from(acknowledged), unansweredMs: Float64Array.from(unanswered) };
}

/** By participant, in turn: all servers, then each of them alone. Of one server that is the same. */
function connectStringsOf(servers: readonly ServerAddress[]): string[] {
  const each = servers.map(formatServerAddress);
  return each.length === 1 ? each : [each.join(','), ...each];
}
