// Light or dark: as the system says, unless the person has chosen.

import { effect, signal } from '@preact/signals';

const KEY = 'codebolt-eventlog-theme';

/** What can be chosen. */
export const THEMES = ['system', 'light', 'dark'];

/** What is chosen. */
export const theme = signal(THEMES.includes(stored()) ? stored() : 'system');

/** Whether the page is dark now. Charts draw their own colours. */
export const isDark = signal(false);

/** Gives the page its colours, now and whenever they change. */
export function applyTheme() {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const systemIsDark = signal(system.matches);
  system.addEventListener('change', ({ matches }) => (systemIsDark.value = matches));
  effect(() => {
    const dark = theme.value === 'dark' || (theme.value === 'system' && systemIsDark.value);
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
    isDark.value = dark;
  });
}

/** Chooses the next one. */
export function nextTheme() {
  theme.value = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length];
  try {
    localStorage.setItem(KEY, theme.value);
  } catch {
    // A browser that keeps nothing shows the choice until the page is closed.
  }
}

function stored() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
