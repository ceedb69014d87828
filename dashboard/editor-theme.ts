/**
 * The editor's look, in design tokens. The editor lives in a shadow root, so these rules become an
 * adopted style sheet and the page's policy needs no inline style.
 */
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';

function squiggle(colour: string): Record<string, string> {
  return {
    backgroundImage: 'none',
    textDecoration: `underline wavy var(${colour}) 1.5px`,
    textUnderlineOffset: '3px',
    textDecorationSkipInk: 'none',
    paddingBottom: '0',
  };
}

export function editorTheme(): Extension {
  return EditorView.theme({
    '&': { color: 'var(--text)', backgroundColor: 'transparent', fontSize: '14px' },
    '&.cm-focused': { outline: 'none' },
    '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '1.6', maxHeight: '40vh' },
    '.cm-content': { padding: '12px 14px', minHeight: '68px', caretColor: 'var(--accent)' },
    '.cm-line': { padding: '0' },
    '.cm-cursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
    '.cm-placeholder': { color: 'var(--text-faint)' },
    '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': {
      background: 'var(--selection)',
    },
    '.cm-selectionBackground': { background: 'var(--selection)' },
    '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': {
      backgroundColor: 'var(--selection)',
      outline: 'none',
    },
    '.mql-keyword': { color: 'var(--mql-keyword)', fontWeight: '550' },
    '.mql-function': { color: 'var(--mql-function)' },
    '.mql-name': { color: 'var(--text)' },
    '.mql-string': { color: 'var(--mql-string)' },
    '.mql-regex': { color: 'var(--mql-string)' },
    '.mql-number': { color: 'var(--mql-number)' },
    '.mql-operator': { color: 'var(--text-soft)' },
    '.mql-comment': { color: 'var(--text-faint)', fontStyle: 'italic' },
    '.cm-lintRange-error': squiggle('--bad'),
    '.cm-lintRange-warning': squiggle('--warn'),
    '.cm-lintRange-info': squiggle('--accent'),
    '.cm-tooltip': {
      backgroundColor: 'var(--surface-raised)',
      border: '1px solid var(--line-strong)',
      borderRadius: '8px',
      boxShadow: 'var(--shadow)',
      overflow: 'hidden',
      zIndex: '40',
    },
    '.cm-tooltip.cm-tooltip-autocomplete > ul': {
      fontFamily: 'var(--font-mono)',
      fontSize: '13px',
      maxHeight: '16em',
    },
    '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '3px 10px', color: 'var(--text)' },
    '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
      backgroundColor: 'var(--accent-soft)',
      color: 'var(--text)',
    },
    '.cm-completionDetail': { color: 'var(--text-faint)', fontStyle: 'normal', marginLeft: '12px' },
    '.cm-completionMatchedText': { textDecoration: 'none', color: 'var(--accent)' },
    '.cm-completionInfo': { padding: '8px 10px', maxWidth: '320px', fontFamily: 'var(--font)' },
    '.mql-card': { padding: '8px 12px', maxWidth: '420px', fontSize: '13px' },
    '.mql-card code': { fontFamily: 'var(--font-mono)', color: 'var(--mql-function)' },
    '.mql-card p': { margin: '4px 0 0', fontFamily: 'var(--font)', color: 'var(--text-soft)' },
    '.cm-diagnostic': { padding: '8px 12px', fontFamily: 'var(--font)', fontSize: '13px' },
    '.cm-diagnostic-error': { borderLeft: '3px solid var(--bad)' },
    '.cm-diagnostic-warning': { borderLeft: '3px solid var(--warn)' },
    '.cm-diagnosticAction': {
      backgroundColor: 'var(--accent)',
      color: 'var(--on-accent)',
      borderRadius: '5px',
      padding: '2px 8px',
      marginLeft: '10px',
      cursor: 'pointer',
    },
  });
}
