/**
 * Everything that the language has, docs/language.md shows in a query that is run (by
 * `docs-examples.test.ts`): every word and sign of the grammar, every spelling of a comparison,
 * every kind of window and source, every strategy of SAMPLE, every function. What waits for the
 * recorder, and EXPLAIN, which has no rows, are shown in queries that are planned.
 */
import { describe, expect, test } from 'vitest';
import type { Query } from '../grammar/ast.ts';
import { lex } from '../grammar/lexer.ts';
import { parse } from '../grammar/parse.ts';
import { SAMPLE_STRATEGIES } from '../grammar/sample-options.ts';
import { COMPARISONS, VOCABULARY } from '../grammar/tokens.ts';
import { walkQuery } from '../grammar/walk.ts';
import { readText } from '../scripts/source-files.ts';
import { AGGREGATES } from '../src/aggregate/catalogue.ts';
import { CALLABLE_NAMES } from '../src/analyze/scalar-functions.ts';
import { SERIES_FUNCTIONS } from '../src/series/catalogue.ts';
import { examplesOf } from './support/doc-examples.ts';

const PAGE = readText('docs/language.md');
const { rows, live } = examplesOf(PAGE);
const RUN = rows.map(({ query }) => query);
/** Rows are what these do not have. */
const PLANNED_ONLY: ReadonlySet<string> = new Set(['EXPLAIN', 'ANALYZE', 'LAST', 'SINCE', 'UNTIL']);
/** Written in the table of functions, whose examples are run as well. */
const TABLE_ONLY = CALLABLE_NAMES;

const trees = (queries: readonly string[]): readonly Query[] =>
  queries.flatMap((text) => parse(text).ast ?? []);

function wordsOf(queries: readonly string[]): ReadonlySet<string> {
  return new Set(
    queries.flatMap((text) => lex(text, null).tokens.map((one) => one.tokenType.name)),
  );
}

function callsOf(queries: readonly Query[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const query of queries) {
    walkQuery(query, (node) => {
      if (node.kind === 'call') names.add(node.name.toLowerCase());
    });
  }
  return names;
}

/** What of these the others do not have. */
function missing(wanted: Iterable<string>, found: ReadonlySet<string>): string[] {
  return [...wanted].filter((one) => !found.has(one));
}

describe('docs/language.md shows', () => {
  test('every word and sign of the grammar', () => {
    const names = VOCABULARY.map(
      ({ name, LABEL = '' }) => [name, LABEL.replaceAll('"', '')] as const,
    );
    const run = names.filter(([, label]) => !PLANNED_ONLY.has(label)).map(([name]) => name);
    expect(missing(run, wordsOf(RUN))).toEqual([]);
    const planned = names.filter(([, label]) => PLANNED_ONLY.has(label)).map(([name]) => name);
    expect(missing(planned, wordsOf([...live, ...RUN]))).toEqual([]);
  });

  test('every spelling of a comparison', () => {
    const written = RUN.flatMap((text) => lex(text, null).tokens.map(({ image }) => image));
    expect(missing(COMPARISONS.keys(), new Set(written))).toEqual([]);
  });

  test('every kind of window', () => {
    const kinds = trees(RUN).flatMap(({ window }) => {
      switch (window?.kind) {
        case undefined:
          return [];
        case 'time-window':
          return [window.slide === null ? 'tumbling' : 'sliding'];
        case 'count-window':
          return [window.timeout === null ? 'count' : 'count with a timeout'];
        case 'session-window':
          return [window.max === null ? 'session' : 'session with a maximum'];
      }
    });
    const wanted = ['tumbling', 'sliding', 'count', 'count with a timeout', 'session'];
    expect(missing([...wanted, 'session with a maximum'], new Set(kinds))).toEqual([]);
  });

  test('every kind of source', () => {
    const kinds = trees(RUN).flatMap(({ from }) => {
      const sources = from?.sources ?? [];
      return [
        ...sources.map(({ glob }) => (glob ? 'pattern' : 'stream')),
        ...(sources.length > 1 ? ['several'] : []),
        ...(from?.joins ?? []).map(({ type, within }) => {
          return `${type} join with a ${within === null ? 'table' : 'stream'}`;
        }),
      ];
    });
    const joins = ['inner', 'left'].flatMap((type) => {
      return [`${type} join with a table`, `${type} join with a stream`];
    });
    expect(missing(['stream', 'pattern', 'several', ...joins], new Set(kinds))).toEqual([]);
    expect(PAGE).toContain('```mql view ');
  });

  test('every strategy of SAMPLE, and a percentage', () => {
    const found = trees(RUN).flatMap(({ sample }) => {
      if (sample === null) return [];
      return [sample.options?.strategy ?? 'percent'];
    });
    expect(missing([...SAMPLE_STRATEGIES, 'percent'], new Set(found))).toEqual([]);
  });

  test('every aggregate and every function over series', () => {
    const calls = callsOf(trees(RUN));
    const series = SERIES_FUNCTIONS.map(({ name }) => name);
    const percentiles = ['percentile', 'p99'];
    const named = [...AGGREGATES.keys()].filter((n) => n !== 'quantile' && n !== 'first_event');
    expect(missing([...named, ...percentiles, ...series], calls)).toEqual([]);
  });

  test('every scalar function in the table whose examples are run', () => {
    const found = TABLE_ONLY.filter((name) => PAGE.includes(`| \`${name}(`));
    expect(missing(TABLE_ONLY, new Set(found))).toEqual([]);
  });

  test('of every aggregate how exact it is', () => {
    const cells = [
      ...PAGE.matchAll(/^\| `(?<name>[a-z_]+| x beside)[^|]*\|[^|]*\|(?<error>[^|]*)\|$/gm),
    ];
    const stated = new Map(
      cells.map(({ groups }) => [groups?.['name'], groups?.['error']?.trim()]),
    );
    for (const [name, { errorBound }] of AGGREGATES) {
      if (name === 'first_event') continue;
      const shown = stated.get(name === 'quantile' ? 'percentile' : name);
      expect(shown, name).toBe(errorBound ?? 'exact');
    }
  });
});
