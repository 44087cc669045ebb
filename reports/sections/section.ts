import type { Badge } from '../badge.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';

/** One chapter of the page; null instead of one where the run has nothing to say about it. */
export type Section = {
  /** Its anchor. */
  readonly id: string;
  readonly title: string;
  readonly body: Html;
};

export function renderSection(section: Section): Html {
  return html`<section id="${section.id}" aria-labelledby="${section.id}-title">
    <h2 id="${section.id}-title">${section.title}</h2>
    ${section.body}
  </section> `;
}

export function renderBadge(badge: Badge): Html {
  return html`<span class="badge ${badge.tone}">${badge.label}</span>`;
}
