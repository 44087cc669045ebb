import { byId } from './dom.ts';

/** The system says whether it is dark, until the button says otherwise. */
export function offerTheme(): void {
  const root = document.documentElement;
  byId('theme').addEventListener('click', () => {
    const isDark =
      (root.dataset['theme'] ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) ===
      'dark';
    root.dataset['theme'] = isDark ? 'light' : 'dark';
  });
}
