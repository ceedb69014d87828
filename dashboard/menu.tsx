/** A button with a list of actions below it; arrows move, Escape and a click elsewhere close it. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { Icon } from './icons.tsx';
import type { IconName } from './icons.tsx';

export interface MenuItem {
  readonly title: string;
  readonly detail?: string;
  readonly run: () => void;
}

export interface MenuProps {
  readonly label: string;
  readonly icon: IconName;
  readonly items: readonly MenuItem[];
}

export function Menu({ label, icon, items }: MenuProps): JSX.Element {
  const open = useSignal(false);
  const box = useRef<HTMLDivElement>(null);
  // Before the next key can come: arrows begin at the first action.
  useLayoutEffect(() => {
    if (!open.value) return undefined;
    box.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus();
    const onPress = (event: PointerEvent): void => {
      if (!(event.target instanceof Node) || box.current?.contains(event.target) !== true) {
        open.value = false;
      }
    };
    addEventListener('pointerdown', onPress);
    return () => removeEventListener('pointerdown', onPress);
  }, [open.value]);
  const close = (): void => {
    open.value = false;
    box.current?.querySelector('button')?.focus();
  };
  const onKey = (event: KeyboardEvent): void => {
    if (!open.value) return;
    if (event.key === 'Escape') close();
    else if (event.key === 'ArrowDown') moveFocus(box.current, 1);
    else if (event.key === 'ArrowUp') moveFocus(box.current, -1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="menu" ref={box} onKeyDown={onKey}>
      <button
        type="button"
        class="button"
        aria-haspopup="menu"
        aria-expanded={open.value}
        onClick={() => (open.value = !open.value)}
      >
        <Icon name={icon} />
        {label}
      </button>
      {open.value && (
        <div class="menu-list" role="menu" aria-label={label}>
          {items.map(({ title, detail, run }) => (
            <button
              key={title}
              type="button"
              role="menuitem"
              onClick={() => {
                close();
                run();
              }}
            >
              {title}
              {detail !== undefined && <small>{detail}</small>}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

function moveFocus(box: HTMLElement | null, step: number): void {
  const items = [...(box?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
  const at = items.findIndex((item) => item === document.activeElement);
  items[(at + step + items.length) % items.length]?.focus();
}
