/** Completion in the editor. */
import type {
  CompletionContext,
  CompletionResult,
  CompletionSource,
} from '@codemirror/autocomplete';
import type { Catalogue } from './catalogue.ts';

export function mqlCompletion(catalogue: Catalogue): CompletionSource {
  return (context: CompletionContext): CompletionResult | null => {
    const word = context.matchBefore(/[\w@.:-]*/u);
    if (word === null || (word.from === word.to && !context.explicit)) return null;
    return {
      from: word.from,
      options: catalogue.streams.value.map(({ name }) => ({ label: name })),
    };
  };
}
