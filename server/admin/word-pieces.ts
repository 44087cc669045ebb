/** Of an answer, characters that are made at once: so much memory and time it takes from the others. */
export const PIECE_LENGTH: number = 32 << 10;

/** An answer line by line, or in parts that are as short. Not a mere text, which is a list of its characters, too. */
export type WordLines = readonly string[] | Generator<string>;

/**
 * The lines of an answer, put together to pieces: each is as long as `PIECE_LENGTH`, and by less than a line longer. A
 * line is made when a piece is asked for that has room for it.
 */
export function* piecesOf(lines: WordLines): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  let piece = '';
  for (const line of lines) {
    piece += line;
    if (piece.length < PIECE_LENGTH) continue;
    yield encoder.encode(piece);
    piece = '';
  }
  if (piece !== '') yield encoder.encode(piece);
}
