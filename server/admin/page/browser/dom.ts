/** Whatever a server, a client or a znode is called goes into the page as text: nothing here takes HTML. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElement {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** @throws Error if the page has none: its markup and its script do not fit. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

/** Leaves alone what says so already, so that who reads the page by ear is not told again. */
export function setText(id: string, text: string): void {
  const target = byId(id);
  if (target.textContent !== text) target.textContent = text;
}

export interface TableContent {
  readonly caption: string;
  readonly headings: readonly string[];
  /** The first cell of each names the row. */
  readonly rows: readonly (readonly (Node | string)[])[];
}

/** Puts a table in place of what `id` has held. */
export function showTable(id: string, { caption, headings, rows }: TableContent): void {
  const head = element('tr', {}, ...headings.map((heading) => element('th', { scope: 'col' }, heading)));
  const body = rows.map((cells) =>
    element(
      'tr',
      {},
      ...cells.map((cell, at) => element(at === 0 ? 'th' : 'td', at === 0 ? { scope: 'row' } : {}, cell)),
    ),
  );
  byId(id).replaceChildren(
    element(
      'table',
      {},
      element('caption', {}, caption),
      element('thead', {}, head),
      element('tbody', {}, ...body),
    ),
  );
}

export function showNote(id: string, text: string, tone: 'note' | 'trouble' = 'note'): void {
  byId(id).replaceChildren(element('p', { class: tone }, text));
}
