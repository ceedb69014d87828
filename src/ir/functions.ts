/**
 * Every operator and scalar function that a `call` expression can name: the one table that analysis
 * checks calls against, completion offers, the documentation lists, and plans are validated with.
 * What they do lives in `expr/functions/`; a test holds the two equal. Aggregates are elsewhere
 * (`aggregate/catalogue.ts`), AND, OR, NOT, IN, CASE and regular expressions are nodes of their
 * own.
 */
import type { ColumnType } from './plan.ts';

export type FunctionFamily =
  | 'operator'
  | 'numeric'
  | 'conditional'
  | 'string'
  | 'conversion'
  | 'time'
  | 'hash'
  | 'privacy';

export interface FunctionArgument {
  readonly name: string;
  /** `any` also takes what has a text; other types give null and count a mismatch. */
  readonly type: ColumnType;
  readonly optional?: true;
  /** Must be a literal or parameter. */
  readonly constant?: true;
}

export interface FunctionSignature {
  /** Lower case, as in `CallExpression.name`. */
  readonly name: string;
  readonly family: FunctionFamily;
  /** The operator's symbol (`+`), null for functions, which are written by name. */
  readonly symbol: string | null;
  readonly args: readonly FunctionArgument[];
  /** The last argument may repeat. */
  readonly variadic: boolean;
  readonly minArgs: number;
  /** Never more than {@link VARIADIC_ARGS_MAX}. */
  readonly maxArgs: number;
  readonly result: ColumnType;
  readonly summary: string;
  /** One expression and its value. */
  readonly example: string;
}

export const VARIADIC_ARGS_MAX = 64;

/** The signature of a call, null if there is no such function. */
export function functionNamed(name: string): FunctionSignature | null {
  return BY_NAME.get(name) ?? null;
}

/** How a call is written, e.g. `round(x: number[, digits: number]) → number`. */
export function signatureText(signature: FunctionSignature): string {
  let list = '';
  for (const [index, arg] of signature.args.entries()) {
    const comma = index === 0 ? '' : ', ';
    const one = `${comma}${arg.name}: ${arg.type}`;
    list += arg.optional === true ? `[${one}]` : one;
  }
  return `${signature.name}(${list}${signature.variadic ? ', …' : ''}) → ${signature.result}`;
}

const ANY: ColumnType = 'any';

function arg(name: string, type: ColumnType): FunctionArgument {
  return { name, type };
}

function optional(name: string, type: ColumnType): FunctionArgument {
  return { name, type, optional: true };
}

function constant(name: string, type: ColumnType): FunctionArgument {
  return { name, type, constant: true };
}

const X = arg('x', 'number');
const TEXT = arg('x', ANY);
const A_B: readonly FunctionArgument[] = [arg('a', 'number'), arg('b', 'number')];
const ANY_A_B: readonly FunctionArgument[] = [arg('a', ANY), arg('b', ANY)];

interface Shape {
  readonly args: readonly FunctionArgument[];
  readonly result: ColumnType;
  readonly symbol?: string;
  readonly variadic?: true;
}

function row(
  family: FunctionFamily,
  name: string,
  shape: Shape,
  text: readonly [summary: string, example: string],
): FunctionSignature {
  const required = shape.args.filter((one) => one.optional !== true).length;
  return {
    name,
    family,
    symbol: shape.symbol ?? null,
    args: shape.args,
    variadic: shape.variadic === true,
    minArgs: required,
    maxArgs: shape.variadic === true ? VARIADIC_ARGS_MAX : shape.args.length,
    result: shape.result,
    summary: text[0],
    example: text[1],
  };
}

function arithmetic(name: string, symbol: string, text: [string, string]): FunctionSignature {
  return row('operator', name, { args: A_B, result: 'number', symbol }, text);
}

function comparison(name: string, symbol: string, text: [string, string]): FunctionSignature {
  return row('operator', name, { args: ANY_A_B, result: 'boolean', symbol }, text);
}

function numeric(
  name: string,
  args: readonly FunctionArgument[],
  text: [string, string],
): FunctionSignature {
  return row('numeric', name, { args, result: 'number' }, text);
}

function string(
  name: string,
  args: readonly FunctionArgument[],
  text: [string, string],
): FunctionSignature {
  return row('string', name, { args, result: 'string' }, text);
}

function test(
  name: string,
  args: readonly FunctionArgument[],
  text: [string, string],
): FunctionSignature {
  return row('string', name, { args, result: 'boolean' }, text);
}

function time(
  name: string,
  args: readonly FunctionArgument[],
  text: [string, string],
): FunctionSignature {
  const result = name === 'format_time' ? 'string' : 'number';
  return row('time', name, { args, result }, text);
}

const OPERATORS: readonly FunctionSignature[] = [
  arithmetic('add', '+', ['Sum of two numbers.', '1 + 2 → 3']),
  arithmetic('subtract', '-', ['Difference of two numbers.', '3 - 2 → 1']),
  arithmetic('multiply', '*', ['Product of two numbers.', '2 * 3 → 6']),
  arithmetic('divide', '/', ['Quotient; by zero it is null, counted.', '7 / 2 → 3.5']),
  arithmetic('modulo', '%', ['Remainder with the sign of the left side.', '-7 % 3 → -1']),
  row('operator', 'negate', { args: [X], result: 'number', symbol: '-' }, [
    'Negation.',
    '-(2) → -2',
  ]),
  row('operator', 'plus', { args: [X], result: 'number', symbol: '+' }, [
    'The number itself; null, counted, for anything else.',
    '+(2) → 2',
  ]),
  comparison('eq', '=', ['Deep equality; null equals null.', "1 = 1.0 → true, '1' = 1 → false"]),
  comparison('ne', '!=', ['Not equal; true when one side is missing.', '1 != 2 → true']),
  comparison('lt', '<', ['Less; false, counted, for different types or null.', "'a' < 'b' → true"]),
  comparison('le', '<=', ['Less or equal, with the rules of <.', '2 <= 2 → true']),
  comparison('gt', '>', ['Greater, with the rules of <.', '3 > 2 → true']),
  comparison('ge', '>=', ['Greater or equal, with the rules of <.', '2 >= 2 → true']),
  comparison('contains_text', '==+', [
    'The text of the left side contains that of the right.',
    "'abc' ==+ 'b' → true",
  ]),
  comparison('like', 'LIKE', [
    '% is any text, _ one character, \\ takes the next one as it is.',
    "'abc' LIKE 'a%' → true",
  ]),
  comparison('ilike', 'ILIKE', ['LIKE without regard to case.', "'ABC' ILIKE 'a%' → true"]),
  row('operator', 'is_null', { args: [arg('x', ANY)], result: 'boolean', symbol: 'IS NULL' }, [
    'True when the value is missing or null.',
    'a IS NULL → true when there is no a',
  ]),
];

const NUMERIC: readonly FunctionSignature[] = [
  numeric('abs', [X], ['Absolute value.', 'abs(-2) → 2']),
  numeric('floor', [X], ['Largest whole number not above x.', 'floor(-1.5) → -2']),
  numeric('ceil', [X], ['Smallest whole number not below x.', 'ceil(1.2) → 2']),
  numeric(
    'round',
    [X, optional('digits', 'number')],
    ['Rounds half away from zero; digits may be negative.', 'round(2.345, 2) → 2.35'],
  ),
  numeric('sqrt', [X], ['Square root; of a negative null, counted.', 'sqrt(9) → 3']),
  numeric('pow', [X, arg('y', 'number')], ['x to the power of y.', 'pow(2, 10) → 1024']),
  numeric('ln', [X], ['Natural logarithm.', 'ln(1) → 0']),
  numeric('log10', [X], ['Decimal logarithm.', 'log10(1000) → 3']),
  row('numeric', 'least', { args: [arg('a', ANY), arg('b', ANY)], result: ANY, variadic: true }, [
    'The smallest that is not null; the arguments must be of one type.',
    'least(3, 1, 2) → 1',
  ]),
  row('numeric', 'greatest', { args: ANY_A_B, result: ANY, variadic: true }, [
    'The largest that is not null; the arguments must be of one type.',
    'greatest(3, 1, 2) → 3',
  ]),
  numeric(
    'clamp',
    [X, arg('low', 'number'), arg('high', 'number')],
    ['x, but at least low and at most high.', 'clamp(12, 0, 10) → 10'],
  ),
  numeric(
    'bucket',
    [X, arg('width', 'number')],
    ['Lower bound of the bucket of that width that x falls into.', 'bucket(17, 5) → 15'],
  ),
  numeric(
    'log_bucket',
    [X, arg('base', 'number')],
    ['Largest power of base that is not above x; base > 1, x > 0.', 'log_bucket(900, 10) → 100'],
  ),
];

const CONDITIONAL: readonly FunctionSignature[] = [
  row('conditional', 'coalesce', { args: [arg('x', ANY)], result: ANY, variadic: true }, [
    'The first argument that is not null.',
    "coalesce(null, 'x') → 'x'",
  ]),
  row('conditional', 'merge', { args: [arg('x', 'object')], result: 'object', variadic: true }, [
    'The keys of all objects; of several values of a key the first that is not null.',
    'merge(null) → {}',
  ]),
  row('conditional', 'nullif', { args: ANY_A_B, result: ANY }, [
    'Null if both are equal, otherwise the first.',
    'nullif(0, 0) → null',
  ]),
  row(
    'conditional',
    'if',
    { args: [arg('condition', ANY), arg('then', ANY), optional('otherwise', ANY)], result: ANY },
    ['One of two values, by a condition.', "if(2 > 1, 'y', 'n') → 'y'"],
  ),
  row('conditional', 'exists', { args: [arg('x', ANY)], result: 'boolean' }, [
    'True when the value is there and not null.',
    "exists('x') → true",
  ]),
];

const STRING: readonly FunctionSignature[] = [
  string('lower', [TEXT], ['Text in lower case.', "lower('AbC') → 'abc'"]),
  string('upper', [TEXT], ['Text in upper case.', "upper('AbC') → 'ABC'"]),
  string('trim', [TEXT], ['Text without white space at both ends.', "trim(' a ') → 'a'"]),
  row('string', 'length', { args: [arg('x', ANY)], result: 'number' }, [
    'Characters of a string, elements of a list, members of an object.',
    "length('abc') → 3",
  ]),
  row('string', 'concat', { args: [TEXT], result: 'string', variadic: true }, [
    'Texts joined; nulls are left out.',
    "concat('a', 1) → 'a1'",
  ]),
  string(
    'substr',
    [TEXT, arg('start', 'number'), optional('length', 'number')],
    ['Part of a text; the first character is 1.', "substr('abcdef', 2, 3) → 'bcd'"],
  ),
  string(
    'split_part',
    [TEXT, arg('separator', ANY), arg('n', 'number')],
    [
      "Part n of a text, from 1, from the end if negative; '' beyond.",
      "split_part('a/b', '/', 2) → 'b'",
    ],
  ),
  test(
    'starts_with',
    [TEXT, arg('prefix', ANY)],
    ['The text begins so.', "starts_with('abc', 'ab') → true"],
  ),
  test(
    'ends_with',
    [TEXT, arg('suffix', ANY)],
    ['The text ends so.', "ends_with('abc', 'bc') → true"],
  ),
  test(
    'contains',
    [TEXT, arg('part', ANY)],
    ['The text contains that; as ==+.', "contains('abc', 'b') → true"],
  ),
  string(
    'replace',
    [TEXT, arg('from', ANY), arg('to', ANY)],
    ['Every occurrence replaced.', "replace('a-b-c', '-', '+') → 'a+b+c'"],
  ),
  string(
    'regexp_extract',
    [TEXT, constant('pattern', 'string'), { name: 'group', type: 'number', optional: true }],
    [
      'The first match of a regular expression (group 0, the whole, unless named), null if none.',
      "regexp_extract('id=42', 'id=([0-9]+)', 1) → '42'",
    ],
  ),
  string(
    'url_path',
    [TEXT],
    ['Path of a URL, without query and fragment.', "url_path('https://h/a?b=1') → '/a'"],
  ),
  string(
    'url_host',
    [TEXT],
    ['Host of a URL in lower case, without port.', "url_host('https://H:8/a') → 'h'"],
  ),
];

const CONVERSION: readonly FunctionSignature[] = [
  row('conversion', 'to_number', { args: [arg('x', ANY)], result: 'number' }, [
    'A decimal text, true (1) or false (0) as a number; else null, counted.',
    "to_number('1.5') → 1.5",
  ]),
  row('conversion', 'to_string', { args: [arg('x', ANY)], result: 'string' }, [
    'The text of a value: numbers in shortest form, lists and objects as JSON.',
    "to_string(2.0) → '2'",
  ]),
  row('conversion', 'to_boolean', { args: [arg('x', ANY)], result: 'boolean' }, [
    'true/false, yes/no, on/off, t/f, y/n, 1/0 as text or number; else null, counted.',
    "to_boolean('yes') → true",
  ]),
  row('conversion', 'typeof', { args: [arg('x', ANY)], result: 'string' }, [
    'null, boolean, number, string, list or object.',
    "typeof(1) → 'number'",
  ]),
];

const TIME: readonly FunctionSignature[] = [
  time(
    'now',
    [],
    ['Clock of the evaluating stage in ms since 1970, read once a batch.', 'now() → 1763683200000'],
  ),
  time('tick', [], ['The same as now().', 'tick() → 1763683200000']),
  time('event_time', [], ["The event's time in ms since 1970.", 'event_time() → 1763683200000']),
  time(
    'ingest_time',
    [],
    ['When the event was taken in, in ms since 1970.', 'ingest_time() → 1763683200000'],
  ),
  time(
    'date_trunc',
    [arg('unit', 'string'), arg('t', 'number')],
    [
      'Start (UTC) of the second, minute, hour, day, week (Monday), month, quarter or year of t.',
      "date_trunc('minute', 61000) → 60000",
    ],
  ),
  time(
    'format_time',
    [arg('t', 'number'), arg('format', 'string')],
    [
      'Time t (UTC) in the patterns YYYY YY MM MON DD DY HH24 HH12 HH AM MI SS MS; "…" as it is.',
      "format_time(0, 'YYYY-MM-DD HH24:MI') → '1970-01-01 00:00'",
    ],
  ),
];

const OTHER: readonly FunctionSignature[] = [
  row('hash', 'hash', { args: [arg('x', ANY), optional('salt', ANY)], result: 'number' }, [
    'A whole number in [0, 2^32) that depends on the text of x and of salt only.',
    "hash('a') = hash('a') → true",
  ]),
  row('privacy', 'redact', { args: [arg('x', ANY)], result: 'string' }, [
    'A fixed mark instead of any value; null stays null.',
    "redact('secret') → '[redacted]'",
  ]),
  row('privacy', 'mask', { args: [arg('x', ANY), optional('keep', 'number')], result: 'string' }, [
    'The text with all but its last keep characters (default 4) as *.',
    "mask('4111222233334444', 4) → '************4444'",
  ]),
];

export const FUNCTIONS: readonly FunctionSignature[] = [
  ...OPERATORS,
  ...NUMERIC,
  ...CONDITIONAL,
  ...STRING,
  ...CONVERSION,
  ...TIME,
  ...OTHER,
];

const BY_NAME: ReadonlyMap<string, FunctionSignature> = new Map(
  FUNCTIONS.map((signature) => [signature.name, signature]),
);
