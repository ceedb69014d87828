/**
 * What the browser keeps for the page. It may forbid that; choices then last as long as the page.
 */
import { useSignal, useSignalEffect } from '@preact/signals';
import type { Signal } from '@preact/signals';

/** On or off, as it was left. */
export function useStoredSwitch(key: string): Signal<boolean> {
  const isOn = useSignal(storedText(key) === 'on');
  useSignalEffect(() => storeText(key, isOn.value ? 'on' : 'off'));
  return isOn;
}

export function storedText(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function storeText(key: string, text: string): void {
  try {
    localStorage.setItem(key, text);
  } catch {
    return;
  }
}
