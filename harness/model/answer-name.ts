import { keeperErrorName } from '../client/keeper-errors.ts';

/** What a reply's code says, for people: `ok`, `BadVersion`. */
export function answerName(code: number): string {
  return code === 0 ? 'ok' : keeperErrorName(code);
}
