import { readFileSync } from 'node:fs';
import type { ISerializedGast } from 'chevrotain';
import { describe, expect, test } from 'vitest';
import { MqlParser } from '../../../grammar/parser.ts';
import { VOCABULARY } from '../../../grammar/tokens.ts';
import { readEbnf } from '../../../scripts/ebnf.ts';
import { formOf } from './ebnf.ts';

const ebnf = readEbnf(readFileSync(new URL('../../../grammar/mql.ebnf', import.meta.url), 'utf8'));
interface Production extends ISerializedGast {
  readonly name: string;
  readonly definition: ISerializedGast[];
}

const productions = new MqlParser({
  validate: true,
}).getSerializedGastProductions() as Production[];

describe('the normative grammar', () => {
  test('has exactly the rules of the parser', () => {
    expect([...ebnf.rules.keys()].toSorted()).toEqual(productions.map((p) => p.name).toSorted());
  });

  test.each(productions.map((production) => ({ name: production.name, production })))(
    'says of $name what the parser does',
    ({ name, production }) => {
      expect(ebnf.rules.get(name)).toEqual(formOf(production.definition));
    },
  );

  test('describes every terminal that is not a fixed text, and no other', () => {
    const classes = VOCABULARY.flatMap(({ LABEL }) =>
      LABEL === undefined || LABEL.startsWith('"') ? [] : [LABEL],
    );
    expect([...ebnf.terminals.keys()].toSorted()).toEqual(classes.toSorted());
  });

  test('notices a changed rule', () => {
    const changed = readEbnf('limitClause = "LIMIT" size ;').rules.get('limitClause');
    const parsed = productions.find((p) => p.name === 'limitClause')?.definition ?? [];
    expect(changed).not.toEqual(formOf(parsed));
  });
});
