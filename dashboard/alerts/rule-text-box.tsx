/**
 * The text of a rule: a plain field at once, the editor with marks as soon as its code has come.
 */
import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Judged } from './rule-editor.tsx';
import type { RuleTextView } from './rule-text-view.ts';

export interface RuleTextBoxProps {
  readonly text: Signal<string>;
  readonly judged: Signal<Judged>;
  readonly onSave: () => void;
}

export function RuleTextBox({ text, judged, onSave }: RuleTextBoxProps): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const ready = useSignal(false);
  useEffect(() => {
    let view: RuleTextView | null = null;
    let gone = false;
    void import('./rule-text-view.ts').then(({ createRuleTextView }) => {
      if (gone || host.current === null) return undefined;
      view = createRuleTextView({ host: host.current, text, judged, onSave });
      ready.value = true;
      view.focus();
      return undefined;
    });
    return () => {
      gone = true;
      view?.destroy();
    };
  }, [text]);
  return (
    <>
      {!ready.value && (
        <textarea
          class="editor-plain rule-plain"
          aria-label="Text of the rule"
          rows={12}
          spellcheck={false}
          value={text.value}
          onInput={(event) => (text.value = event.currentTarget.value)}
        />
      )}
      <div ref={host} class={ready.value ? 'rule-host ready' : 'rule-host'} data-rule="" />
    </>
  );
}
