import { formatSessionId } from '../base/session-id.ts';
import type { ServerView, WatchesView } from './server-view.ts';
import { WordText } from './word-text.ts';

// Of the watches on data and existence alone, those on children not counted, as in Apache (trap 89).

/** `wchs` */
export function watchSummaryText({ watches }: ServerView): string {
  const { watcherCount, pathCount, count } = watches;
  return `${watcherCount} connections watching ${pathCount} paths\nTotal watches:${count}\n`;
}

/** `wchp` */
export function watchesByPathText({ watches }: ServerView): string {
  return textOf(byPathLines(watches));
}

function* byPathLines(watches: WatchesView): Iterable<string> {
  for (const [path, sessions] of watches.byPath()) {
    yield `${path}\n`;
    for (const session of sessions) yield `\t${formatSessionId(session)}\n`;
  }
}

/** `wchc` */
export function watchesBySessionText({ watches }: ServerView): string {
  return textOf(bySessionLines(watches));
}

function* bySessionLines(watches: WatchesView): Iterable<string> {
  for (const [session, paths] of watches.bySession()) {
    yield `${formatSessionId(session)}\n`;
    for (const path of paths) yield `\t${path}\n`;
  }
}

function textOf(lines: Iterable<string>): string {
  const text = new WordText();
  text.addAll(lines);
  return `${text.toString()}\n`;
}
