/**
 * Reads `mql.ebnf` and chevrotain's own description of the parser into one normal form, so that the
 * two can be compared rule by rule.
 */
import type { ISerializedGast } from 'chevrotain';

/** A leaf is a rule name, a "WORD" or a kebab-case terminal; lists are [operator, ...operands]. */
export type Form = string | Compound;

type Compound = readonly [operator: 'seq' | 'or' | 'opt' | 'rep', ...parts: Form[]];

export interface Ebnf {
  /** Rules in camelCase. */
  readonly rules: ReadonlyMap<string, Form>;
  /** Names of the terminals that are described in words. */
  readonly terminals: ReadonlySet<string>;
}

export function readEbnf(source: string): Ebnf {
  const text = source.replaceAll(/\(\*[\s\S]*?\*\)/g, ' ');
  const symbols = text.match(/\?[^?]*\?|"[^"]*"|[A-Za-z][\w-]*|[=|;()[\]{}]/g) ?? [];
  const rules = new Map<string, Form>();
  const terminals = new Set<string>();
  let at = 0;
  const closers = new Set([')', ']', '}', ';']);

  function alternatives(): Form {
    const options = [sequence()];
    while (symbols[at] === '|') {
      at++;
      options.push(sequence());
    }
    return options.length === 1 ? (options[0] ?? '') : ['or', ...options];
  }

  function sequence(): Form {
    const items: Form[] = [];
    for (let symbol = symbols[at]; symbol !== undefined; symbol = symbols[at]) {
      if (closers.has(symbol) || symbol === '|') break;
      at++;
      items.push(item(symbol));
    }
    return sequenceOf(items);
  }

  function item(symbol: string): Form {
    if (symbol !== '(' && symbol !== '[' && symbol !== '{') return symbol;
    const inner = alternatives();
    at++;
    if (symbol === '(') return inner;
    return [symbol === '[' ? 'opt' : 'rep', inner];
  }

  while (at < symbols.length) {
    const name = symbols[at] ?? '';
    at += 2;
    const body = alternatives();
    at++;
    if (typeof body === 'string' && body.startsWith('?')) terminals.add(name);
    else rules.set(name, body);
  }
  return { rules, terminals };
}

export function formOf(definition: readonly ISerializedGast[]): Form {
  return sequenceOf(definition.flatMap(partsOf));
}

function sequenceOf(items: readonly Form[]): Form {
  const flat = items.flatMap((item) =>
    typeof item !== 'string' && item[0] === 'seq' ? item.slice(1) : [item],
  );
  return flat.length === 1 ? (flat[0] ?? '') : ['seq', ...flat];
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
