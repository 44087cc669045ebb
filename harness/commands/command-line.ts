import type { RunFile } from '../history/run-file.ts';

/** As a user would type it: `npm run chaos -- --time 4`. `words`: the command's name first. */
export function npmCommand([name = '', ...words]: readonly string[]): string {
  return `npm run ${shellLine([name])} -- ${shellLine(words)}`.trim();
}

/** What does the same again: with the seed that was drawn where none was given. */
export function replayCommand({ command, seed }: Pick<RunFile, 'command' | 'seed'>): string {
  const isSeedGiven = command.some((word) => word === '--seed' || word.startsWith('--seed='));
  return npmCommand(isSeedGiven ? command : [...command, '--seed', String(seed)]);
}

/** These words as a shell reads them. */
export function shellLine(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w./:=,@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}
