/** Shortcuts of one screen: single keys, while nobody types and no dialog is open. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import { isDialogOpen, isTyping } from './keys.ts';

/** By `KeyboardEvent.key`. */
export type KeyBindings = Readonly<Record<string, () => void>>;

/** Holds while the component is there; bindings may change with every drawing. */
export function useKeys(bindings: KeyBindings): void {
  const newest = useRef(bindings);
  newest.current = bindings;
  // With the commit that shows the screen: who types ahead means what is there by then.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || isTyping(event) || isDialogOpen()) return;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (!Object.hasOwn(newest.current, event.key)) return;
      event.preventDefault();
      newest.current[event.key]?.();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}

/** Digits for parts that stand beside each other, the first is 1. */
export function digitKeys(parts: readonly string[], go: (part: string) => void): KeyBindings {
  return Object.fromEntries(parts.map((part, i) => [String(i + 1), () => go(part)]));
}
