/**
 * The query box: a plain text area at once, the real editor as soon as its code has come; both edit
 * the same text. Below it the mistake at the caret with its remedy, and run and stop.
 */
import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Catalogue } from './catalogue.ts';
import { DiagnosticLine } from './diagnostic-line.tsx';
import type { EditorHandle } from './editor-view.ts';
import type { Explore } from './explore.ts';
import { Icon } from './icons.tsx';

interface EditorProps {
  readonly explore: Explore;
  readonly catalogue: Catalogue;
  /** Further actions, before stop and run. */
  readonly children?: ComponentChildren;
  /** In the place of mistakes, while there are none. */
  readonly otherwise?: ComponentChildren;
  /** Below the text. */
  readonly below?: ComponentChildren;
}

const IS_MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);

export function QueryEditor({
  explore,
  catalogue,
  children,
  below,
  otherwise,
}: EditorProps): JSX.Element {
  const live = explore.running.value?.live === true;
  return (
    <section class="card editor" aria-label="Query">
      <TextBox explore={explore} catalogue={catalogue} />
      {below}
      <footer class="editor-foot">
        <DiagnosticLine explore={explore} otherwise={otherwise} />
        <div class="editor-actions asking">
          {children}
          <button type="button" class="button stop" disabled={!live} onClick={() => explore.stop()}>
            <Icon name="stop" fill />
            Stop
            <kbd>Esc</kbd>
          </button>
          <button
            type="button"
            class="button primary run"
            disabled={explore.text.value.trim() === ''}
            onClick={() => explore.run()}
          >
            <Icon name="play" fill />
            Run
            <kbd>{IS_MAC ? '⌘' : 'Ctrl'} ↵</kbd>
          </button>
        </div>
      </footer>
    </section>
  );
}

function TextBox({ explore, catalogue }: EditorProps): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const plain = useRef<HTMLTextAreaElement>(null);
  const ready = useSignal(false);
  useEffect(() => {
    let handle: EditorHandle | null = null;
    let gone = false;
    void import('./editor-view.ts').then(({ createEditor }) => {
      if (gone || host.current === null) return undefined;
      const typing = document.activeElement === plain.current;
      handle = createEditor({ host: host.current, explore, catalogue });
      ready.value = true;
      if (typing) handle.focus();
      return undefined;
    });
    return () => {
      gone = true;
      handle?.destroy();
    };
  }, [explore, catalogue]);
  return (
    <>
      {!ready.value && (
        <textarea
          ref={plain}
          class="editor-plain"
          aria-label="Query"
          rows={2}
          spellcheck={false}
          value={explore.text.value}
          placeholder="select count(*) from plays window 1s group by region"
          onInput={(event) => {
            explore.caret.value = event.currentTarget.selectionStart;
            explore.text.value = event.currentTarget.value;
          }}
        />
      )}
      <div ref={host} class={ready.value ? 'editor-host ready' : 'editor-host'} data-editor="" />
    </>
  );
}
