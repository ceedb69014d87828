/**
 * Reads `grammar/mql.ebnf` into forms, for the diagrams and for the test that holds the parser to
 * it.
 */
/** A leaf is a rule name, a "WORD" or a kebab-case terminal; lists are [operator, ...operands]. */
export type Form = string | Compound;

type Compound = readonly [operator: 'seq' | 'or' | 'opt' | 'rep', ...parts: Form[]];

export interface Ebnf {
  /** Rules in camelCase. */
  readonly rules: ReadonlyMap<string, Form>;
  /** Terminals that are described in words, with these. */
  readonly terminals: ReadonlyMap<string, string>;
}

export function readEbnf(source: string): Ebnf {
  const text = source.replaceAll(/\(\*[\s\S]*?\*\)/g, ' ');
  const symbols = text.match(/\?[^?]*\?|"[^"]*"|[A-Za-z][\w-]*|[=|;()[\]{}]/g) ?? [];
  const rules = new Map<string, Form>();
  const terminals = new Map<string, string>();
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
    if (typeof body === 'string' && body.startsWith('?')) {
      terminals.set(name, body.replaceAll(/^\? *| *\?$/g, '').replaceAll(/\s+/g, ' '));
    } else rules.set(name, body);
  }
  return { rules, terminals };
}

export function sequenceOf(items: readonly Form[]): Form {
  const flat = items.flatMap((item) =>
    typeof item !== 'string' && item[0] === 'seq' ? item.slice(1) : [item],
  );
  return flat.length === 1 ? (flat[0] ?? '') : ['seq', ...flat];
}
