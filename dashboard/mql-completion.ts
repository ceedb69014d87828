/**
 * The grammar's completions in the editor, over the live catalogue. The grammar decides what may
 * stand at the cursor; this file decides when a list opens by itself and how an item looks.
 */
import { snippetCompletion } from '@codemirror/autocomplete';
import type {
  Completion as EditorCompletion,
  CompletionContext,
  CompletionResult,
  CompletionSource,
} from '@codemirror/autocomplete';
import { complete } from '../grammar/complete.ts';
import type { Completion } from '../grammar/completion.ts';
import type { Catalogue } from './catalogue.ts';
import { sourceText } from './examples.ts';
import { safeText } from './format.ts';
import { snippetsFor } from './mql-snippets.ts';
import type { Snippet } from './mql-snippets.ts';

/** Behind these words a list helps before the first letter is typed. */
const OPENING_WORD = /(?:\b(?:from|join|by|where|having|like|in\s*\()|[=<>])\s*$/i;

/** Icons of the editor's list are off; the type is its colour. */
const TYPES: Readonly<Record<Completion['kind'], string>> = {
  keyword: 'keyword',
  stream: 'class',
  field: 'property',
  function: 'function',
  alias: 'variable',
  parameter: 'variable',
  value: 'text',
};

export function mqlCompletion(catalogue: Catalogue): CompletionSource {
  return (context: CompletionContext): CompletionResult | null => {
    const text = context.state.doc.toString();
    const list = complete(text, context.pos, {
      streams: catalogue.streams.value,
      functions: catalogue.functions.value,
    });
    const word = /^\s*(\w*)$/.exec(text)?.[1];
    const snippets = word === undefined ? [] : snippetsFor(word, streamToAsk(catalogue));
    const [first] = list;
    if (first === undefined) return snippetResult(snippets, context, word ?? '');
    const typed = text.slice(first.span.start, context.pos);
    if (list.length === 1 && first.insert.toLowerCase() === typed.toLowerCase()) return null;
    const isTyping = first.span.start < context.pos || first.span.end > context.pos;
    const opens = OPENING_WORD.test(text.slice(0, context.pos));
    if (!isTyping && !opens && !context.explicit) return null;
    const lowerCase = !/^\s*[A-Z]{2}/.test(text);
    return {
      from: first.span.start,
      to: Math.max(first.span.end, context.pos),
      options: [
        ...list.map((item, i) => editorCompletion(item, lowerCase, list.length - i)),
        ...snippets.map(snippetOption),
      ],
      filter: false,
    };
  };
}

function snippetResult(
  snippets: readonly Snippet[],
  context: CompletionContext,
  word: string,
): CompletionResult | null {
  if (snippets.length === 0 || (word === '' && !context.explicit)) return null;
  return { from: context.pos - word.length, options: snippets.map(snippetOption), filter: false };
}

function snippetOption({ label, detail, template }: Snippet): EditorCompletion {
  return snippetCompletion(template, { label, detail, type: 'keyword', boost: -1 });
}

/** The stream that most happens in. */
function streamToAsk(catalogue: Catalogue): string | null {
  const streams = catalogue.streams.value.filter(({ kind }) => kind === 'stream');
  const busiest = streams.toSorted((a, b) => (b.eventsPerSecond ?? 0) - (a.eventsPerSecond ?? 0));
  return busiest[0] === undefined ? null : sourceText(busiest[0].name);
}

/** `rank` keeps the grammar's order; keywords take the case in which the query is written. */
function editorCompletion(
  { label, kind, insert, detail }: Completion,
  lowerCase: boolean,
  rank: number,
): EditorCompletion {
  const type = TYPES[kind];
  const boost = Math.min(99, rank);
  const shown = { type, boost, detail: safeText(detail, 56) };
  if (kind === 'function') {
    return snippetCompletion(`${insert}\${})`, { label: label.toLowerCase(), ...shown });
  }
  const word = kind === 'keyword' && lowerCase ? insert.toLowerCase() : insert;
  return { label: kind === 'keyword' ? word : safeText(label), apply: word, ...shown };
}
