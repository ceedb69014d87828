/** Light, dark, or what the system says; the choice is kept in the browser. */
import { effect, signal } from '@preact/signals';
import type { Signal } from '@preact/signals';

export type ThemeChoice = 'system' | 'light' | 'dark';

const KEY = 'squilla.theme';
const NEXT: Readonly<Record<ThemeChoice, ThemeChoice>> = {
  system: 'light',
  light: 'dark',
  dark: 'system',
};

export const themeChoice: Signal<ThemeChoice> = signal(storedChoice());

/** Counts changes of what is really shown; charts redraw by it. */
export const themeRevision: Signal<number> = signal(0);

export function startTheme(): void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const systemDark = signal(system.matches);
  system.addEventListener('change', () => {
    systemDark.value = system.matches;
  });
  effect(() => {
    const choice = themeChoice.value;
    const dark = choice === 'system' ? systemDark.value : choice === 'dark';
    document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
    themeRevision.value = themeRevision.peek() + 1;
  });
}

export function nextTheme(): void {
  themeChoice.value = NEXT[themeChoice.value];
  try {
    localStorage.setItem(KEY, themeChoice.value);
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
    return;
  }
}

function storedChoice(): ThemeChoice {
  try {
    const stored = localStorage.getItem(KEY);
    return stored === 'light' || stored === 'dark' ? stored : 'system';
  } catch {
    return 'system';
  }
}

/** The resolved value of a design token, for canvases. */
export function tokenValue(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
