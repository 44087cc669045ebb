import { html } from './html.ts';
import type { Html, HtmlValue } from './html.ts';

export type Column = {
  readonly title: string;
  /** Figures stand right, words left. */
  readonly align: 'left' | 'right';
};

export type TableOptions = {
  /** What the table holds; read out, and shown above it. */
  readonly caption: string;
  /** Only read out: the heading above the table says the same. */
  readonly hasHiddenCaption?: boolean;
  readonly columns: readonly Column[];
  /** The first cell of a row is its heading. */
  readonly rows: readonly (readonly HtmlValue[])[];
};

/** A table in a box of its own that scrolls sideways, by keyboard too, where the page is too narrow. */
export function table(options: TableOptions): Html {
  const { caption, columns, rows } = options;
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
    <table>
      <caption class="${options.hasHiddenCaption === true ? 'hidden' : 'shown'}">
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map((column) => html`<th scope="col" class="${column.align}">${column.title}</th> `)}
        </tr>
      </thead>
      <tbody>
        ${rows.map((row) => tableRow(row, columns))}
      </tbody>
    </table>
  </div>`;
}

export const words = (title: string): Column => ({ title, align: 'left' });
export const figures = (title: string): Column => ({ title, align: 'right' });

function tableRow(row: readonly HtmlValue[], columns: readonly Column[]): Html {
  return html`<tr>
    ${row.map((cell, index) => {
      const align = columns[index]?.align ?? 'left';
      return index === 0
        ? html`<th scope="row" class="${align}">${cell}</th>`
        : html`<td class="${align}">${cell}</td>`;
    })}
  </tr> `;
}

/** Names and what they are, for what is no table: an environment, a configuration. */
export function definitions(entries: readonly (readonly [string, HtmlValue])[]): Html {
  return html`<dl class="definitions">
    ${entries.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div> `,
    )}
  </dl>`;
}
