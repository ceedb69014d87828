/** The golden scripts on the interpreter and on the simulated engine with one and four shards. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { lex } from '../../grammar/lexer.ts';
import { parse } from '../../grammar/parse.ts';
import { VOCABULARY } from '../../grammar/tokens.ts';
import { walkQuery } from '../../grammar/walk.ts';
import { AGGREGATES } from '../../src/aggregate/catalogue.ts';
import { CALLABLE_NAMES } from '../../src/analyze/scalar-functions.ts';
import { SERIES_FUNCTIONS } from '../../src/series/catalogue.ts';
import { errorsOf, interpretScene, reachedRows, simulateScene } from '../support/mqltest.ts';
import { readScript } from '../support/mqltest-script.ts';
import type { Scene, ScriptQuery, ScriptRow } from '../support/mqltest-script.ts';

const FOLDER = new URL('../scripts/', import.meta.url);
const SCRIPTS = readdirSync(FOLDER).filter((name) => name.endsWith('.mqltest'));

/** As a script writes them; of a plain select without a window the order is nobody's promise. */
function written(rows: readonly ScriptRow[], query: ScriptQuery): string {
  const lines = rows.map(({ startMs, row }) => {
    const json = JSON.stringify(row, (_key, value: unknown) => inKeyOrder(value));
    return startMs === null ? json : `${startMs}ms ${json}`;
  });
  const isOrdered = query.widthMs !== null || /\border\s+by\b/i.test(query.text);
  return (isOrdered ? lines : lines.sort()).join('\n');
}

function inKeyOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function answered(scene: Scene): readonly ScriptQuery[] {
  return scene.queries.filter(({ errors }) => errors.length === 0);
}

describe.each(SCRIPTS)('%s', (name) => {
  const scenes = readScript(readFileSync(new URL(name, FOLDER), 'utf8'));

  test('asks something', () => {
    expect(scenes.flatMap((scene) => scene.queries).length).toBeGreaterThan(2);
  });

  test('finds the mistakes it expects and no others', () => {
    for (const query of scenes.flatMap((scene) => scene.queries)) {
      expect(errorsOf(query), `line ${query.line}: ${query.text}`).toEqual(query.errors);
    }
  });

  test('holds on the interpreter', async () => {
    for (const scene of scenes) {
      for (const query of answered(scene)) {
        const wanted = reachedRows(scene, query.rows, query.widthMs);
        const rows = await interpretScene(scene, query);
        const about = `line ${query.line}: ${query.text}`;
        expect(written(rows, query), about).toBe(written(wanted, query));
      }
    }
  });

  test.each([1, 4])('holds on the live engine with %i shards', (shards) => {
    for (const scene of scenes) {
      for (const [query, rows] of simulateScene(scene, shards)) {
        const about = `line ${query.line}: ${query.text}`;
        expect(written(rows, query), about).toBe(written(query.rows, query));
      }
    }
  });
});

/** The recorder does not exist yet, and a script shows answers, not plans. */
const NO_ANSWER: ReadonlySet<string> = new Set(['Last', 'Until', 'Analyze']);

test('every word, sign and function of the language is in some script', () => {
  const texts = SCRIPTS.flatMap((name) =>
    readScript(readFileSync(new URL(name, FOLDER), 'utf8')).flatMap(({ queries }) =>
      queries.map(({ text }) => text),
    ),
  );
  const words = new Set(
    texts.flatMap((text) => lex(text, null).tokens.map((t) => t.tokenType.name)),
  );
  expect(
    VOCABULARY.map(({ name }) => name).filter((n) => !words.has(n) && !NO_ANSWER.has(n)),
  ).toEqual([]);
  const calls = new Set<string>();
  for (const text of texts) {
    const { ast } = parse(text);
    if (ast === null) continue;
    walkQuery(ast, (node) => {
      if (node.kind === 'call') calls.add(node.name.toLowerCase());
    });
  }
  const functions = [
    ...AGGREGATES.keys(),
    ...CALLABLE_NAMES,
    ...SERIES_FUNCTIONS.map((s) => s.name),
  ];
  // Percentiles and a plain column beside aggregates are written otherwise.
  const written = functions.filter((name) => name !== 'quantile' && name !== 'first_event');
  expect(written.filter((name) => !calls.has(name))).toEqual([]);
});
