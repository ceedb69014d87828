/** Chevrotain's own description of the parser as the forms of `mql.ebnf`, to compare the two. */
import type { ISerializedGast } from 'chevrotain';
import { sequenceOf } from '../../../scripts/ebnf.ts';
import type { Form } from '../../../scripts/ebnf.ts';

export function formOf(definition: readonly ISerializedGast[]): Form {
  return sequenceOf(definition.flatMap(partsOf));
}

/** chevrotain's productions, in the words of the EBNF: one or more is `x { x }`. */
function partsOf(node: ISerializedGast): Form[] {
  const gast = node as ISerializedGast & {
    name: string;
    label: string;
    definition: ISerializedGast[];
    separator: ISerializedGast;
  };
  switch (gast.type) {
    case 'NonTerminal':
      return [gast.name];
    case 'Terminal':
      return [gast.label];
    case 'Option':
      return [['opt', formOf(gast.definition)]];
    case 'Repetition':
      return [['rep', formOf(gast.definition)]];
    case 'RepetitionMandatory': {
      const body = formOf(gast.definition);
      return [body, ['rep', body]];
    }
    case 'RepetitionMandatoryWithSeparator': {
      const body = formOf(gast.definition);
      return [body, ['rep', sequenceOf([...partsOf(gast.separator), body])]];
    }
    case 'Alternation':
      return [['or', ...gast.definition.map((option) => formOf([option]))]];
    case 'Alternative':
      return [formOf(gast.definition)];
    default:
      throw new Error(`no form for ${gast.type}`);
  }
}
