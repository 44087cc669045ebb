import { formatSessionId } from '../base/session-id.ts';
import type { ServerView } from './server-view.ts';

// Of the watches on data and existence alone, those on children not counted, as in Apache (trap 89).

/** `wchs` */
export function watchSummaryText({ watches }: ServerView): string {
  const { watcherCount, pathCount, count } = watches;
  return `${watcherCount} connections watching ${pathCount} paths\nTotal watches:${count}\n`;
}

/** `wchp` */
export function watchesByPathText({ watches }: ServerView): string {
  let text = '';
  for (const [path, sessions] of watches.byPath()) {
    text += `${path}\n`;
    for (const session of sessions) text += `\t${formatSessionId(session)}\n`;
  }
  return `${text}\n`;
}

/** `wchc` */
export function watchesBySessionText({ watches }: ServerView): string {
  let text = '';
  for (const [session, paths] of watches.bySession()) {
    text += `${formatSessionId(session)}\n`;
    for (const path of paths) text += `\t${path}\n`;
  }
  return `${text}\n`;
}
