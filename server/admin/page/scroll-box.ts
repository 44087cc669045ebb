/** Wide tables scroll in a box of their own, which the keyboard can reach. */
export function scrollBox(id: string, label: string): string {
  return `<div class="scroll" id="${id}" tabindex="0" role="region" aria-label="${label}"></div>`;
}
