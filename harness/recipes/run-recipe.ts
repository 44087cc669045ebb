import { setMaxListeners } from 'node:events';
import type { Prng } from '../../server/base/prng.ts';
import { Client } from '../client/client.ts';
import { pause } from '../ensemble/wait-until.ts';
import type { LoadClock } from '../load/load-clock.ts';
import { removeRoot } from '../load/remove-root.ts';
import { TranscriptWriter } from '../transcript/transcript-writer.ts';
import { Participant } from './participant.ts';
import type { RecipeNote } from './recipe-note.ts';
import { Tally } from './tally.ts';
import type { Player, Recipe, Step } from './recipe.ts';

export interface RecipeOptions {
  readonly recipe: Recipe;
  /** Each participant's servers, its number modulo their count: one to be pinned to it, or several. */
  readonly connectStrings: readonly string[];
  readonly sessionTimeoutMs: number;
  /** An absolute path; it is emptied first. */
  readonly root: string;
  readonly participants: number;
  /** Steps a second of each participant, at moments of a Poisson process; a step that is late begins at once. */
  readonly rate: number;
  readonly prng: Prng;
  readonly clock: LoadClock;
  /** Where the transcript goes. */
  readonly transcript: string;
  /** Ends the steps. */
  readonly signal: AbortSignal;
  /** How long the reading at the end may take, once all is healed. */
  readonly concludeTimeoutMs: number;
}

/** A recipe on its way. */
export interface RunningRecipe {
  /** Resolves when all participants have stopped, after `signal`; only a bug of ours rejects it. */
  readonly stopped: Promise<void>;
  /** So far. */
  readonly tally: Readonly<Tally>;
  /** Everything is healed: reads what is left, and closes the transcript. @returns whether it could be read. */
  conclude(): Promise<boolean>;
  /** Closes the transcript as it is. */
  giveUp(): Promise<void>;
}

/**
 * Starts a recipe: its znodes are made when this resolves, and its participants at work. Their draws depend on the seed
 * alone, each has its own; what they do then depends on what they are told.
 *
 * @throws NoSessionError or KeeperError if the ensemble does not serve.
 */
export async function startRecipe(options: RecipeOptions): Promise<RunningRecipe> {
  const { recipe, connectStrings, root, participants, transcript: file, clock, prng, signal } = options;
  // Each participant waits for it in several places.
  setMaxListeners(0, signal);
  await emptyRoot(connectStrings[0] as string, root);
  const transcript = new TranscriptWriter(file, () => clock.nowNs());
  const note: RecipeNote = { kind: 'recipe', recipe: recipe.name, root };
  transcript.note(participants, { ...note });
  const tally = new Tally(clock);
  const join = (number: number, until: AbortSignal): Participant =>
    new Participant({
      number,
      connectString: connectStrings[number % connectStrings.length] as string,
      sessionTimeoutMs: options.sessionTimeoutMs,
      root,
      prng: prng.fork(number),
      transcript,
      signal: until,
      onAttempt: tally.onAttempt,
    });

  // Whoever prepares and whoever concludes are participants of their own, behind the others.
  const first = join(participants, signal);
  await recipe.prepare(first);
  await first.leave();

  const patience = new AbortController();
  setMaxListeners(0, patience.signal);
  const players = Array.from({ length: participants }, (_, number): JoinedPlayer => {
    const participant = join(number, patience.signal);
    const part = recipe.join(participant);
    return { participant, ...(typeof part === 'function' ? { step: part, last: [] } : part) };
  });
  const onStep = (): number => tally.steps++;
  return {
    stopped: play(players, patience, { ...options, onStep }),
    tally,
    conclude: async () => {
      const timeout = AbortSignal.timeout(options.concludeTimeoutMs);
      const last = join(participants + 1, timeout);
      await recipe.conclude(last);
      await last.leave();
      await transcript.close();
      return !timeout.aborted;
    },
    giveUp: () => transcript.close(),
  };
}

interface JoinedPlayer extends Player {
  readonly participant: Participant;
}

/** All take their steps until `signal`; then they do what is left, and leave. */
async function play(
  players: readonly JoinedPlayer[],
  patience: AbortController,
  { rate, signal, onStep, concludeTimeoutMs }: RecipeOptions & { readonly onStep: () => void },
): Promise<void> {
  const rounds = Math.max(0, ...players.map(({ last }) => last.length));
  endPatience(patience, { signal, afterMs: rounds === 0 ? 0 : concludeTimeoutMs });
  await Promise.all(
    players.map(({ participant: { prng }, step }) =>
      takeSteps(step, { rate, prng: prng.fork('pace'), signal, onStep }),
    ),
  );
  for (let i = 0; i < rounds; i++) await Promise.all(players.flatMap(({ last }) => last[i]?.() ?? []));
  // Nobody asks for anything any more, not even for an event that comes while it leaves.
  patience.abort();
  await Promise.all(players.map(({ participant }) => participant.leave()));
}

/** Whoever has something left to do may wait for servers that long after the end. */
function endPatience(
  patience: AbortController,
  { signal, afterMs }: { readonly signal: AbortSignal; readonly afterMs: number },
): void {
  const end = (): void => {
    if (afterMs === 0) patience.abort();
    else void pause(afterMs, patience.signal).then(() => patience.abort());
  };
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
}

async function takeSteps(
  step: Step,
  how: {
    readonly rate: number;
    readonly prng: Prng;
    readonly signal: AbortSignal;
    readonly onStep: () => void;
  },
): Promise<void> {
  const { rate, prng, signal, onStep } = how;
  let intendedMs = performance.now();
  for (;;) {
    intendedMs += (-Math.log(1 - prng.next()) / rate) * 1000;
    await pause(Math.max(0, intendedMs - performance.now()), signal);
    if (signal.aborted) return;
    await step();
    onStep();
  }
}

async function emptyRoot(connectString: string, root: string): Promise<void> {
  await removeRoot(connectString, root);
  const client = await Client.connect({ connectString });
  try {
    await client.create(root);
  } finally {
    await client.close();
  }
}
