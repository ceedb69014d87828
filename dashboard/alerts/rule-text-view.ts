/** The CodeMirror view of a rule's text: line numbers, indenting, and the engine's mistakes. */
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { indentUnit } from '@codemirror/language';
import { lintGutter, setDiagnostics } from '@codemirror/lint';
import type { Diagnostic } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import type { Extension, Text } from '@codemirror/state';
import { drawSelection, EditorView, keymap, lineNumbers } from '@codemirror/view';
import type { Signal } from '@preact/signals';
import { effect } from '@preact/signals';
import type { FileMistake } from '../../src/alert/rule-file.ts';
import { editorTheme } from '../editor-theme.ts';
import type { Judged } from './rule-editor.tsx';

export interface RuleTextView {
  focus(): void;
  destroy(): void;
}

export interface RuleTextParts {
  readonly host: HTMLElement;
  readonly text: Signal<string>;
  readonly judged: Signal<Judged>;
  readonly onSave: () => void;
}

export function createRuleTextView(parts: RuleTextParts): RuleTextView {
  const { host, text, judged } = parts;
  // In a shadow root the editor's styles are adopted sheets, which the page's policy allows.
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open', delegatesFocus: true });
  const view = new EditorView({
    parent: root,
    root,
    state: EditorState.create({ doc: text.peek(), extensions: extensions(parts) }),
  });
  const stop = effect(() => {
    const { text: about, mistakes } = judged.value;
    const { doc } = view.state;
    if (about !== doc.toString()) return;
    view.dispatch(
      setDiagnostics(
        view.state,
        mistakes.map((mistake) => markOf(doc, mistake)),
      ),
    );
  });
  const unfollow = followText(view, text);
  return {
    focus: () => view.focus(),
    destroy: () => {
      stop();
      unfollow();
      view.destroy();
    },
  };
}

/**
 * What is written elsewhere, such as by dragging a threshold, is written here, and can be undone.
 */
function followText(view: EditorView, text: Signal<string>): () => void {
  return effect(() => {
    const wanted = text.value;
    const now = view.state.doc.toString();
    if (wanted === now) return;
    // Only what differs is replaced, so that the caret stays where it is.
    let from = 0;
    while (from < wanted.length && wanted[from] === now[from]) from++;
    let [to, end] = [now.length, wanted.length];
    while (to > from && end > from && now[to - 1] === wanted[end - 1]) {
      to--;
      end--;
    }
    view.dispatch({ changes: { from, to, insert: wanted.slice(from, end) } });
  });
}

function extensions({ text, onSave }: RuleTextParts): Extension[] {
  const run = (): boolean => {
    onSave();
    return true;
  };
  return [
    lineNumbers(),
    lintGutter(),
    history(),
    drawSelection(),
    indentUnit.of('  '),
    EditorView.lineWrapping,
    keymap.of([
      { key: 'Mod-s', run, preventDefault: true },
      ...defaultKeymap,
      ...historyKeymap,
      // Escape, then Tab, leaves the field.
      indentWithTab,
    ]),
    EditorView.contentAttributes.of({
      'aria-label': 'Text of the rule',
      'aria-multiline': 'true',
      spellcheck: 'false',
      autocapitalize: 'off',
    }),
    editorTheme(),
    EditorView.theme({
      '.cm-gutters': {
        backgroundColor: 'transparent',
        color: 'var(--text-faint)',
        border: 'none',
      },
    }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) text.value = update.state.doc.toString();
    }),
  ];
}

/** From the mistake to the end of its line; the file may have fewer lines than it had. */
function markOf(doc: Text, { line, column, severity, message }: FileMistake): Diagnostic {
  const { from, to } = doc.line(Math.min(Math.max(1, line), doc.lines));
  const start = Math.min(to, from + Math.max(0, column - 1));
  return { from: start === to ? from : start, to, severity, message };
}
