import { createHash } from 'node:crypto';
import type { HttpAnswer } from '../http/http-endpoint.ts';
import { joinModules } from './join-modules.ts';
import { markup } from './markup.ts';
import type { ZnodeAccess } from './znodes-markup.ts';
import { STYLE } from './style.ts';

/** Where the browser's part of the page is, as it was compiled. */
const BROWSER = new URL('./browser/', import.meta.url);

export interface OperatorPageOptions {
  /** Where the commands are, of characters that need no escape in HTML, as zoo.cfg may only name it. */
  readonly commandUrl: string;
  readonly znodes: ZnodeAccess;
}

/**
 * A page for people, in one answer. All that it shows it asks of this server's own JSON, as anybody could, and puts there as
 * text; its policy lets it run and load nothing else, send nothing elsewhere, and stand in no frame.
 */
export function operatorPage({ commandUrl, znodes }: OperatorPageOptions): HttpAnswer {
  const script = joinModules(BROWSER, 'main.js');
  const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="commands" content="${commandUrl}">
<title>Stampede</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body><div class="page">${markup(znodes)}</div>
<script type="module">${script}</script>
</body>
</html>
`;
  const policy = [
    "default-src 'none'",
    `script-src ${hashSource(script)}`,
    `style-src ${hashSource(STYLE)}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
  return {
    status: 200,
    contentType: 'text/html; charset=utf-8',
    headers: { 'Content-Security-Policy': policy },
    body: [page],
  };
}

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
