import type { Command } from 'commander';
import { randomInt } from 'node:crypto';
import { once, positiveNumber, wholeNumber, wordList } from './flags.ts';
import { NIGHT_PARTS } from './night-parts/night-parts.ts';
import { runNightly } from './nightly.ts';

interface NightlyFlags {
  readonly minutes: number;
  readonly seed?: number;
  readonly mutant?: string;
  readonly parts?: readonly string[];
  readonly out: string;
  readonly history: string;
}

export function addNightly(
  stampede: Command,
  { finish, print }: { readonly finish: (code: number) => void; readonly print: (line: string) => void },
): void {
  stampede
    .command('nightly')
    .description('what once failed, planted bugs, simulations, chaos and a bench, in about so many minutes')
    .option(
      '--minutes <n>',
      'about how long; every part is played once, however little that is',
      positiveNumber,
      60,
    )
    .option('--seed <n>', 'of all that is drawn; drawn and printed if left out', wholeNumber)
    .option(
      '--mutant <id>',
      'plant this bug (R01, …) in the servers of the chaos runs: the night has to fail',
      once,
    )
    .option('--parts <name,name>', `only these: ${NIGHT_PARTS.join(', ')}`, wordList)
    .option('--out <directory>', "where the night's directory goes", 'runs')
    .option(
      '--history <directory>',
      'the nights before, to be held against, and this one from now on',
      'runs/nights',
    )
    .action(async ({ minutes, seed = randomInt(2 ** 31), mutant, parts, out, history }: NightlyFlags) =>
      finish(
        await runNightly({
          minutes,
          seed,
          mutant,
          only: parts,
          runsDirectory: out,
          history,
          command: process.argv.slice(2),
          print,
        }),
      ),
    );
}
