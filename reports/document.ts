import { createHash } from 'node:crypto';
import { html, Html } from './html.ts';

export interface HtmlDocument {
  readonly title: string;
  readonly style: string;
  /** Run as they stand, in this order, after the body. */
  readonly scripts: readonly { readonly text: string; readonly isModule?: boolean }[];
  /** JSON for the scripts, by the id of its element; made by `jsonForScript`. */
  readonly data?: { readonly id: string; readonly json: string };
  readonly body: Html;
}

/**
 * One file that asks the network for nothing. Its policy allows its scripts and its style sheet by their hashes and
 * forbids everything else, so that even a string that slipped through the escaping could not run, load or send
 * anything.
 */
export function renderDocument({ title, style, scripts, data, body }: HtmlDocument): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy(style, scripts)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        ${verbatim('style', '', style)}
      </head>
      <body>
        <div class="page">${body}</div>
        ${data === undefined ? null : verbatim('script', ` type="application/json" id="${data.id}"`, data.json)}
        ${scripts.map(({ text, isModule }) =>
          verbatim('script', isModule === true ? ' type="module"' : '', text),
        )}
      </body>
    </html> `.text;
}

/** Without a space added, or the hash in the policy would not be that of the content. */
function verbatim(name: 'style' | 'script', attributes: string, content: string): Html {
  return new Html(`<${name}${attributes}>${content}</${name}>`);
}

function policy(style: string, scripts: HtmlDocument['scripts']): string {
  return [
    "default-src 'none'",
    scripts.length === 0
      ? "script-src 'none'"
      : `script-src ${scripts.map(({ text }) => hashSource(text)).join(' ')}`,
    `style-src ${hashSource(style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
