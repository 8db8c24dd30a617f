import { useSyncExternalStore } from 'react';
import { recall, remember } from './remembered.ts';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const dark = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

/** The theme that was chosen; `system` follows the device. */
function chosenTheme(): Theme {
  return themes.find((theme) => theme === recall('theme')) ?? 'system';
}

function shownTheme(): 'light' | 'dark' {
  const theme = chosenTheme();
  if (theme === 'system') return dark.matches ? 'dark' : 'light';
  return theme;
}

/** Shows the chosen theme, and follows the device from then on. */
export function applyTheme(): void {
  document.documentElement.dataset.theme = shownTheme();
  for (const listener of listeners) listener();
}

/** Chooses a theme and remembers it. */
export function chooseTheme(theme: Theme): void {
  remember('theme', theme === 'system' ? undefined : theme);
  applyTheme();
}

dark.addEventListener('change', applyTheme);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The theme that is chosen, and the one that is shown. */
export function useTheme(): { chosen: Theme; shown: 'light' | 'dark' } {
  const chosen = useSyncExternalStore(subscribe, chosenTheme);
  const shown = useSyncExternalStore(subscribe, shownTheme);
  return { chosen, shown };
}
