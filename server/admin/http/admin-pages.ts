import type { ServerView } from '../server-view.ts';
import { PIECE_LENGTH } from '../word-pieces.ts';
import { ADMIN_COMMAND_NAMES, answerAdminCommand } from './admin-commands.ts';
import type { HttpAnswer } from './http-endpoint.ts';
import { jsonText } from './json-text.ts';

export interface AdminPages {
  readonly commandUrl: string;
  /** What stands at the root, where Apache has nothing. */
  readonly page: HttpAnswer;
  readonly view: ServerView;
}

/** What is where on the AdminServer's port: as in Apache the commands, and a page of links to them; and one for people. */
export function adminPage(url: URL, { commandUrl, page, view }: AdminPages): HttpAnswer | null {
  if (url.pathname === '/') return page;
  if (url.pathname === commandUrl || url.pathname === `${commandUrl}/`) {
    const links = ADMIN_COMMAND_NAMES.map((name) => `<a href="${commandUrl}/${name}">${name}</a>\n<br/>\n`);
    return { status: 200, contentType: 'text/html; charset=utf-8', body: links };
  }
  if (!url.pathname.startsWith(`${commandUrl}/`)) return null;
  const name = url.pathname.slice(commandUrl.length + 1);
  const fields = answerAdminCommand(name, view, url.searchParams);
  return { status: 200, contentType: 'application/json', body: inPieces(jsonText(fields)) };
}

/** As `piecesOf`, of texts. */
function* inPieces(texts: Iterable<string>): Generator<string> {
  let piece = '';
  for (const text of texts) {
    piece += text;
    if (piece.length < PIECE_LENGTH) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}
