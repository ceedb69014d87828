import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hasErrors } from '../../../grammar/diagnostic.ts';
import { parse } from '../../../grammar/parse.ts';
import { print } from '../../../grammar/print.ts';
import { withoutSpans } from '../../support/without-spans.ts';

interface Golden {
  readonly id: string;
  readonly kind: 'match' | 'project' | 'stream' | 'syntax-error';
  readonly query: string | readonly string[];
}

const golden = readFileSync(new URL('../../golden/mantis-mql.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Golden);
const listed = JSON.parse(
  readFileSync(new URL('../../golden/deliberate-syntax.json', import.meta.url), 'utf8'),
) as Record<string, unknown>;
const deliberate = new Set(Object.keys(listed));

describe('the syntax of the recorded Mantis queries', () => {
  test('every deliberate difference names a record', () => {
    const ids = new Set(golden.map(({ id }) => id));
    expect([...deliberate].filter((id) => !ids.has(id))).toEqual([]);
  });

  test.each(golden)('$id is judged as recorded, unless we differ on purpose', (record) => {
    const recorded = record.kind !== 'syntax-error';
    const accepted = [record.query].flat().every((query) => !hasErrors(parse(query).diagnostics));
    expect(accepted).toBe(deliberate.has(record.id) ? !recorded : recorded);
  });

  test.each(golden.filter(({ kind }) => kind !== 'syntax-error'))(
    '$id survives printing',
    ({ query }) => {
      for (const text of [query].flat()) {
        const { ast } = parse(text);
        if (ast === null) continue;
        expect(withoutSpans(parse(print(ast)).ast)).toEqual(withoutSpans(ast));
      }
    },
  );
});
