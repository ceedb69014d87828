import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { format } from '../../grammar/format.ts';
import { parse } from '../../grammar/parse.ts';
import {
  arbitraryCommentedText,
  arbitraryMutatedText,
  arbitraryQueryText,
} from '../support/arbitrary-query.ts';
import { withoutSpans } from '../support/without-spans.ts';

const parameters = {
  numRuns: Number(process.env['RUNS'] ?? 300),
  ...(process.env['SEED'] === undefined ? {} : { seed: Number(process.env['SEED']) }),
};

/** The comments of a text whose strings hold none, in their order. */
function commentsOf(text: string): readonly string[] {
  return text.match(/-- [cd]$|\/\* (?:c|e\n f) \*\//gm) ?? [];
}

describe('laws of the formatter', () => {
  test('a formatted query means the same and is formatted already', () => {
    fc.assert(
      fc.property(fc.oneof(arbitraryQueryText, arbitraryCommentedText), (text) => {
        const once = format(text).text;
        if (once === null) throw new Error(`not formatted: ${text}`);
        expect(withoutSpans(parse(once).ast)).toEqual(withoutSpans(parse(text).ast));
        expect(format(once).text).toBe(once);
      }),
      parameters,
    );
  });

  test('no comment is lost or moved past another', () => {
    fc.assert(
      fc.property(arbitraryCommentedText, (text) => {
        expect(commentsOf(format(text).text ?? '')).toEqual(commentsOf(text));
      }),
      parameters,
    );
  });

  test('no line ends in white space', () => {
    fc.assert(
      fc.property(arbitraryCommentedText, (text) => {
        expect(
          format(text)
            .text?.split('\n')
            .filter((line) => /\s$/.test(line)),
        ).toEqual([]);
      }),
      parameters,
    );
  });

  test('a query with mistakes stays as it is', () => {
    fc.assert(
      fc.property(arbitraryMutatedText, (text) => {
        const { text: formatted, diagnostics } = format(text);
        const isWrong = diagnostics.some(({ severity }) => severity === 'error');
        expect(formatted === null).toBe(isWrong);
      }),
      parameters,
    );
  });
});
