/** Light, dark, high contrast, or what the system says; the choice is kept in the browser. */
import { effect, signal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import { storedText, storeText } from './browser-storage.ts';

export type ThemeChoice = 'system' | 'light' | 'dark' | 'contrast';

const KEY = 'squilla.theme';
const CHOICES: readonly ThemeChoice[] = ['system', 'light', 'dark', 'contrast'];

export const themeChoice: Signal<ThemeChoice> = signal(storedChoice());

/** Counts changes of what is really shown; charts redraw by it. */
export const themeRevision: Signal<number> = signal(0);

export function startTheme(): void {
  const systemDark = followed('(prefers-color-scheme: dark)');
  const systemContrast = followed('(prefers-contrast: more)');
  effect(() => {
    const choice = themeChoice.value;
    const system = systemContrast.value ? 'contrast' : systemDark.value ? 'dark' : 'light';
    document.documentElement.dataset['theme'] = choice === 'system' ? system : choice;
    themeRevision.value = themeRevision.peek() + 1;
  });
}

export function nextTheme(): void {
  const at = CHOICES.indexOf(themeChoice.value);
  chooseTheme(CHOICES[(at + 1) % CHOICES.length] ?? 'system');
}

export function chooseTheme(choice: ThemeChoice): void {
  themeChoice.value = choice;
  storeText(KEY, choice);
}

function followed(query: string): Signal<boolean> {
  const list = matchMedia(query);
  const matches = signal(list.matches);
  list.addEventListener('change', () => {
    matches.value = list.matches;
  });
  return matches;
}

function storedChoice(): ThemeChoice {
  const stored = storedText(KEY);
  return CHOICES.find((choice) => choice === stored) ?? 'system';
}

/** The resolved value of a design token, for canvases. */
export function tokenValue(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
