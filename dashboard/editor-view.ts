/**
 * The CodeMirror editor, loaded when the page stands. It mirrors `explore.text` both ways, keeps
 * the grammar's mistakes in `explore.syntax` and shows `explore.diagnostics` as squiggles.
 */
import { acceptCompletion, autocompletion, closeBrackets } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { bracketMatching } from '@codemirror/language';
import { setDiagnostics } from '@codemirror/lint';
import type { Diagnostic as EditorDiagnostic } from '@codemirror/lint';
import { EditorState, Prec } from '@codemirror/state';
import type { Extension } from '@codemirror/state';
import { drawSelection, EditorView, keymap, placeholder } from '@codemirror/view';
import { effect } from '@preact/signals';
import type { Diagnostic } from '../grammar/diagnostic.ts';
import { format } from '../grammar/format.ts';
import { parse } from '../grammar/parse.ts';
import type { Catalogue } from './catalogue.ts';
import { editorTheme } from './editor-theme.ts';
import type { Explore } from './explore.ts';
import { mqlCompletion } from './mql-completion.ts';
import { mqlHighlight } from './mql-highlight.ts';
import { mqlHover } from './mql-hover.ts';

/** Wait after a keystroke before mistakes are shown: nobody likes red under a half-typed word. */
const PARSE_DEBOUNCE_MS = 150;

export interface EditorHandle {
  focus(): void;
  destroy(): void;
}

export interface EditorDeps {
  readonly host: HTMLElement;
  readonly explore: Explore;
  readonly catalogue: Catalogue;
}

export function createEditor({ host, explore, catalogue }: EditorDeps): EditorHandle {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open', delegatesFocus: true });
  const view = new EditorView({
    parent: root,
    root,
    state: EditorState.create({
      doc: explore.text.peek(),
      selection: { anchor: Math.min(explore.caret.peek(), explore.text.peek().length) },
      extensions: extensions(explore, catalogue),
    }),
  });
  const stops = [followText(view, explore), parseText(explore), showDiagnostics(view, explore)];
  return {
    focus: () => view.focus(),
    destroy: () => {
      for (const stop of stops) stop();
      view.destroy();
    },
  };
}

function extensions(explore: Explore, catalogue: Catalogue): Extension[] {
  const run = (): boolean => {
    explore.run();
    return true;
  };
  const stop = (): boolean => {
    explore.stop();
    return true;
  };
  return [
    Prec.highest(
      keymap.of([
        { key: 'Mod-Enter', run },
        { key: 'Shift-Alt-f', run: layOut },
      ]),
    ),
    history(),
    drawSelection(),
    bracketMatching(),
    closeBrackets(),
    EditorView.lineWrapping,
    mqlHover(catalogue),
    autocompletion({ override: [mqlCompletion(catalogue)], icons: false }),
    keymap.of([
      { key: 'Tab', run: acceptCompletion },
      ...defaultKeymap,
      ...historyKeymap,
      { key: 'Escape', run: stop },
    ]),
    placeholder('select count(*) from plays window 1s group by region'),
    EditorView.contentAttributes.of({
      'aria-label': 'Query',
      'aria-multiline': 'true',
      spellcheck: 'false',
      autocapitalize: 'off',
    }),
    mqlHighlight(),
    editorTheme(),
    EditorView.updateListener.of((update) => {
      if (update.selectionSet || update.docChanged) {
        explore.caret.value = update.state.selection.main.head;
      }
      if (update.docChanged) explore.text.value = update.state.doc.toString();
    }),
  ];
}

/** Lays the query out; one with mistakes stays as it is, and they are underlined already. */
function layOut(view: EditorView): boolean {
  const { doc, selection } = view.state;
  const { text } = format(doc.toString());
  if (text === null || text === doc.toString()) return true;
  const anchor = Math.min(selection.main.head, text.length);
  view.dispatch({
    changes: { from: 0, to: doc.length, insert: text },
    selection: { anchor },
    userEvent: 'input.format',
  });
  return true;
}

/** Text that came from elsewhere (an example, a fix-it, a click) replaces only what differs. */
function followText(view: EditorView, explore: Explore): () => void {
  return effect(() => {
    const text = explore.text.value;
    const shown = view.state.doc.toString();
    if (text === shown) return;
    let from = 0;
    while (from < text.length && from < shown.length && text[from] === shown[from]) from++;
    let tail = 0;
    const tailMax = Math.min(text.length, shown.length) - from;
    while (tail < tailMax && text.at(-1 - tail) === shown.at(-1 - tail)) tail++;
    const caret = Math.min(explore.caret.peek(), text.length);
    view.dispatch({
      changes: {
        from,
        to: shown.length - tail,
        insert: text.slice(from, text.length - tail),
      },
      selection: { anchor: caret },
    });
  });
}

function parseText(explore: Explore): () => void {
  const parseNow = (text: string): readonly Diagnostic[] =>
    text.trim() === '' ? [] : parse(text).diagnostics;
  explore.parse = parseNow;
  return effect(() => {
    const text = explore.text.value;
    const timer = setTimeout(() => {
      explore.syntax.value = parseNow(text);
    }, PARSE_DEBOUNCE_MS);
    return () => clearTimeout(timer);
  });
}

function showDiagnostics(view: EditorView, explore: Explore): () => void {
  return effect(() => {
    const list = explore.diagnostics.value;
    const length = view.state.doc.length;
    const shown = list.map((diagnostic) => editorDiagnostic(diagnostic, length, explore));
    view.dispatch(setDiagnostics(view.state, shown));
  });
}

function editorDiagnostic(
  diagnostic: Diagnostic,
  length: number,
  explore: Explore,
): EditorDiagnostic {
  const { span, severity, message, hint, fixes = [] } = diagnostic;
  const to = Math.min(length, span.end);
  const start = Math.min(length, span.start);
  // A place between characters has no width to underline; the character before it has.
  const from = start === to ? Math.max(0, start - 1) : start;
  return {
    from,
    to,
    severity,
    message: hint === undefined ? message : `${message}. ${hint}`,
    actions: fixes.map((fix) => ({
      name: fix.title,
      apply: () => explore.replace(fix.span, fix.text),
    })),
  };
}
