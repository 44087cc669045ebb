/** As a user would type it: `npm run chaos -- --time 4`. `words`: the command's name first. */
export function npmCommand([name = '', ...words]: readonly string[]): string {
  return `npm run ${shellLine([name])} -- ${shellLine(words)}`.trim();
}

/** These words as a shell reads them. */
export function shellLine(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w./:=,@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}
