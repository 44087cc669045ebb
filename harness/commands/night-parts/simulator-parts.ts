import { npmCommand } from '../command-line.ts';
import { ExitCode, exitCodeFrom } from '../exit-code.ts';
import type { HarnessChild } from '../harness-child.ts';
import { lastWordsOf } from '../harness-child.ts';
import { OWN_MAIN } from '../this-build.ts';
import type { NightPart, PartResult, Stint } from './part.ts';

/** More than any night can play. */
const SEEDS_ENDLESS = 1_000_000;
/** However little is left: a part that plays nothing is none. */
const SECONDS_MIN = 1;
/** There are few, and each takes about a second. */
const KNOWN_CAP_MS = 120_000;

/** The seeds that once showed a bug, before any others. */
export function knownSeedsPart(): NightPart {
  return {
    name: 'known-seeds',
    title: 'Simulated seeds that once failed',
    weight: 5,
    capMs: KNOWN_CAP_MS,
    play: (stint) => playSeeds(stint, { name: 'seeds that once failed', args: ['--known'] }),
  };
}

/** Whole ensembles on virtual time, from a seed on that none has seen. */
export function swarmPart(from: number): NightPart {
  return {
    name: 'swarm',
    title: 'Simulated ensembles, fresh seeds',
    weight: 25,
    play: (stint) =>
      playSeeds(stint, {
        name: `seeds from ${from}`,
        args: ['--from', String(from), '--seeds', String(SEEDS_ENDLESS)],
      }),
  };
}

async function playSeeds(
  stint: Stint,
  { name, args }: { readonly name: string; readonly args: readonly string[] },
): Promise<PartResult> {
  const command = ['simulate', ...args, '--max-seconds', String(Math.max(SECONDS_MIN, stint.shareMs / 1000))];
  const child = await stint.command(OWN_MAIN, command);
  const exitCode = exitCodeFrom(child.exitCode);
  const failed = failedSeedsIn(child);
  const durationMs = stint.elapsedMs;
  const failure = { outcome: 'failed', exitCode, durationMs, directory: null } as const;
  for (const seed of failed) {
    const why = reasonIn(child, seed);
    stint.note({ ...failure, name: `seed ${seed}`, why, again: npmCommand(['simulate', '--seed', seed]) });
  }
  if (failed.length === 0 && exitCode !== ExitCode.passed && !stint.isEnded()) {
    stint.note({ ...failure, name, why: lastWordsOf(child), again: npmCommand(command) });
  } else if (failed.length === 0 && exitCode === ExitCode.passed) {
    stint.note({ ...failure, outcome: 'passed', name, why: null, again: null });
  }
  return { exitCode, sentence: tallyIn(child), runs: stint.runs };
}

/** As `simulate` lists them. */
function failedSeedsIn({ output }: HarnessChild): string[] {
  return /^failed: (.*)$/m.exec(output)?.[1]?.split(' ') ?? [];
}

function reasonIn({ output }: HarnessChild, seed: string): string {
  const start = `seed ${seed}: `;
  const line = output.split('\n').find((line) => line.startsWith(start));
  return line?.slice(start.length) ?? 'it failed';
}

/** The last `8 seeds, 0 failed, 0 wasted; …`. */
function tallyIn({ output }: HarnessChild): string {
  return output.match(/^\d+ seeds, .*$/gm)?.at(-1) ?? 'it came to nothing';
}
