/** The golden scripts on the interpreter and on the simulated engine with one and four shards. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
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
