/**
 * Colours MQL with the language's own lexer, so that what looks like a keyword is one. The text is
 * at most 64 KB and lexes in well under a millisecond a screen, so each change lexes it whole.
 */
import type { Extension, Range } from '@codemirror/state';
import { Decoration, ViewPlugin } from '@codemirror/view';
import type { DecorationSet, EditorView, ViewUpdate } from '@codemirror/view';
import { lex } from '../grammar/lexer.ts';
import { QUERY_BYTES_MAX } from '../grammar/limits.ts';
import type { Token } from '../grammar/tokens.ts';

type Kind =
  | 'keyword'
  | 'function'
  | 'name'
  | 'string'
  | 'number'
  | 'regex'
  | 'operator'
  | 'comment';

const MARKS: Readonly<Record<Kind, Decoration>> = {
  keyword: mark('keyword'),
  function: mark('function'),
  name: mark('name'),
  string: mark('string'),
  number: mark('number'),
  regex: mark('regex'),
  operator: mark('operator'),
  comment: mark('comment'),
};

const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['Name', 'name'],
  ['QuotedName', 'name'],
  ['StreamName', 'name'],
  ['AliasStar', 'name'],
  ['PathName', 'name'],
  ['Event', 'name'],
  ['StringText', 'string'],
  ['JsonText', 'string'],
  ['NumberText', 'number'],
  ['DurationText', 'number'],
  ['ParameterName', 'number'],
  ['True', 'number'],
  ['False', 'number'],
  ['Null', 'number'],
  ['RegexText', 'regex'],
]);

const WORD = /^[A-Za-z]/;

export function mqlHighlight(): Extension {
  return ViewPlugin.fromClass(
    class {
      decorations: DecorationSet;
      constructor(view: EditorView) {
        this.decorations = decorate(view.state.doc.toString());
      }
      update(update: ViewUpdate): void {
        if (update.docChanged) this.decorations = decorate(update.state.doc.toString());
      }
    },
    { decorations: (plugin) => plugin.decorations },
  );
}

function decorate(text: string): DecorationSet {
  if (text.length > QUERY_BYTES_MAX) return Decoration.none;
  const { tokens } = lex(text);
  const ranges: Range<Decoration>[] = [];
  let end = 0;
  tokens.forEach((token, i) => {
    addComments(ranges, text, end, token.startOffset);
    if (token.end > token.startOffset) {
      ranges.push(MARKS[kindOf(token, tokens[i + 1])].range(token.startOffset, token.end));
    }
    end = Math.max(end, token.end);
  });
  addComments(ranges, text, end, text.length);
  return Decoration.set(ranges, true);
}

function kindOf(token: Token, next: Token | undefined): Kind {
  const kind = KINDS.get(token.tokenType.name);
  if (kind === 'name' && next?.tokenType.name === 'LeftParen') return 'function';
  if (kind !== undefined) return kind;
  return WORD.test(token.image) ? 'keyword' : 'operator';
}

/** Between tokens there is only white space and comments. */
function addComments(ranges: Range<Decoration>[], text: string, from: number, to: number): void {
  const between = text.slice(from, Math.max(from, to));
  for (const match of between.matchAll(/--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g)) {
    const start = from + match.index;
    ranges.push(MARKS.comment.range(start, start + match[0].length));
  }
}

function mark(kind: string): Decoration {
  return Decoration.mark({ class: `mql-${kind}` });
}
