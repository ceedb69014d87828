/** Shortcuts that hold on every screen, and whether a key is meant as one. */
import type { Dashboard } from './dashboard.ts';
import type { ScreenName } from './router.ts';

export interface ShellActions {
  readonly openPalette: () => void;
  readonly openHelp: () => void;
}

/** After `g`, the second key has to come within this time. */
const SEQUENCE_MS = 1_200;

const GOES: Readonly<Record<string, ScreenName>> = {
  e: 'explore',
  t: 'tail',
  b: 'boards',
  a: 'alerts',
  f: 'fleet',
};

export function listenForKeys(dashboard: Dashboard, actions: ShellActions): () => void {
  let goAt = -Infinity;
  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented) return;
    if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      actions.openPalette();
      return;
    }
    if (isTyping(event) || isDialogOpen() || event.ctrlKey || event.metaKey || event.altKey) return;
    const now = dashboard.now();
    const screen = now - goAt < SEQUENCE_MS ? GOES[event.key] : undefined;
    goAt = event.key === 'g' ? now : -Infinity;
    if (screen !== undefined) {
      event.preventDefault();
      dashboard.router.go(screen);
    } else if (event.key === '?') {
      event.preventDefault();
      actions.openHelp();
    }
  };
  // Before the screens' own: the `b` of `g b` is none of Explore's.
  addEventListener('keydown', onKey, { capture: true });
  return () => removeEventListener('keydown', onKey, { capture: true });
}

/** A character that goes into a field is no shortcut. */
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('input, textarea, select'))
  );
}

export function isDialogOpen(): boolean {
  return document.querySelector('dialog[open]') !== null;
}
