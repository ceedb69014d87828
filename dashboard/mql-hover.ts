/**
 * What stands under the pointer, or with Mod-i at the caret, in a small card: the grammar's hover
 * over the live catalogue.
 */
import { Prec, StateEffect, StateField } from '@codemirror/state';
import type { Extension } from '@codemirror/state';
import { hoverTooltip, keymap, showTooltip } from '@codemirror/view';
import type { EditorView, Tooltip } from '@codemirror/view';
import { hover } from '../grammar/hover.ts';
import type { Catalogue } from './catalogue.ts';
import { safeText } from './format.ts';

const TITLE_MAX = 120;
const TEXT_MAX = 400;

export function mqlHover(catalogue: Catalogue): Extension {
  const tooltipAt = (text: string, offset: number): Tooltip | null => {
    const found = hover(text, offset, {
      streams: catalogue.streams.value,
      functions: catalogue.functions.value,
    });
    if (found === null) return null;
    const { span, title, text: said } = found;
    return {
      pos: span.start,
      end: span.end,
      above: true,
      create: () => ({ dom: card(title, said) }),
    };
  };
  const atCaret = (view: EditorView): boolean => {
    const tooltip = tooltipAt(view.state.doc.toString(), view.state.selection.main.head);
    view.dispatch({ effects: show.of(tooltip) });
    return true;
  };
  return [
    hoverTooltip((view, offset) => tooltipAt(view.state.doc.toString(), offset)),
    caretTooltip,
    keymap.of([{ key: 'Mod-i', run: atCaret, preventDefault: true }]),
    // Before a list of completions takes the key: the card lies above it.
    Prec.highest(keymap.of([{ key: 'Escape', run: hide }])),
  ];
}

const show = StateEffect.define<Tooltip | null>();

/** Gone as soon as something is written or the caret moves. */
const caretTooltip = StateField.define<Tooltip | null>({
  create: () => null,
  update(shown, transaction) {
    for (const effect of transaction.effects) if (effect.is(show)) return effect.value;
    return transaction.docChanged || transaction.selection !== undefined ? null : shown;
  },
  provide: (field) => showTooltip.from(field),
});

/** False, so that the key does what else it does, where nothing is shown. */
function hide(view: EditorView): boolean {
  if (view.state.field(caretTooltip) === null) return false;
  view.dispatch({ effects: show.of(null) });
  return true;
}

function card(title: string, text: string): HTMLElement {
  const box = document.createElement('div');
  box.className = 'mql-card';
  box.setAttribute('role', 'tooltip');
  const head = document.createElement('code');
  head.textContent = safeText(title, TITLE_MAX);
  const body = document.createElement('p');
  body.textContent = safeText(text, TEXT_MAX);
  box.append(head, body);
  return box;
}
