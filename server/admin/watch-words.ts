import { formatSessionId } from '../base/session-id.ts';
import type { ServerView } from './server-view.ts';
import type { WordLines } from './word-pieces.ts';

// Of the watches on data and existence alone, those on children not counted, as in Apache (trap 89).

/** `wchs` */
export function watchSummaryLines({ watches }: ServerView): WordLines {
  const { watcherCount, pathCount, count } = watches;
  return [`${watcherCount} connections watching ${pathCount} paths\nTotal watches:${count}\n`];
}

/** `wchp` */
export function* watchesByPathLines({ watches }: ServerView): Generator<string> {
  for (const [path, sessions] of watches.byPath()) {
    yield `${path}\n`;
    for (const session of sessions) yield `\t${formatSessionId(session)}\n`;
  }
  yield '\n';
}

/** `wchc` */
export function* watchesBySessionLines({ watches }: ServerView): Generator<string> {
  for (const [session, paths] of watches.bySession()) {
    yield `${formatSessionId(session)}\n`;
    for (const path of paths) yield `\t${path}\n`;
  }
  yield '\n';
}
