/**
 * The abstract syntax tree of MQL: immutable nodes with a literal `kind` and a `span`. The tree
 * says what was written, never what it means: names are unresolved, clauses keep no order (the
 * printer has one). `docs/language.md` is the reference, `mql.ebnf` the normative grammar.
 *
 * @see print.ts for the law `parse(print(a)) = a` (spans apart).
 */
import type { Span } from './span.ts';

interface NodeBase {
  readonly span: Span;
}

// ---- Query --------------------------------------------------------------------------------------

export interface Query extends NodeBase {
  readonly kind: 'query';
  /** `EXPLAIN` / `EXPLAIN ANALYZE` in front of the query. */
  readonly explain: 'none' | 'plan' | 'analyze';
  readonly select: readonly SelectItem[];
  /** Absent: the stream called `stream`. */
  readonly from: FromClause | null;
  readonly replay: ReplayClause | null;
  readonly window: WindowClause | null;
  readonly where: Expression | null;
  readonly groupBy: readonly GroupItem[];
  readonly having: Expression | null;
  readonly anomaly: AnomalyClause | null;
  readonly orderBy: readonly OrderItem[];
  readonly limit: LimitClause | null;
  readonly sample: SampleClause | null;
  readonly emit: EmitClause | null;
  readonly lateness: LatenessClause | null;
}

// ---- Select list --------------------------------------------------------------------------------

export type SelectItem = StarItem | PrefixItem | ColumnItem;

/** `*`, or `alias.*` of a join. */
export interface StarItem extends NodeBase {
  readonly kind: 'star';
  readonly alias: string | null;
}

/** `e[^'pre']`: every top-level key with that prefix. */
export interface PrefixItem extends NodeBase {
  readonly kind: 'prefix';
  readonly prefix: string;
}

export interface ColumnItem extends NodeBase {
  readonly kind: 'column';
  readonly expression: Expression;
  readonly alias: string | null;
}

// ---- From ---------------------------------------------------------------------------------------

export interface FromClause extends NodeBase {
  readonly kind: 'from';
  readonly sources: readonly Source[];
  readonly joins: readonly Join[];
}

export interface Source extends NodeBase {
  readonly kind: 'source';
  /** The exact stream name, or the glob's text. */
  readonly name: string;
  readonly glob: boolean;
  readonly alias: string | null;
}

/** `[LEFT] JOIN source (WITHIN d | n SECONDS) ON condition`. */
export interface Join extends NodeBase {
  readonly kind: 'join';
  readonly type: 'inner' | 'left';
  readonly source: Source;
  readonly within: Amount | null;
  readonly on: Expression | null;
}

// ---- Clauses ------------------------------------------------------------------------------------

/** A quantity in a clause: a plain number, a duration with its unit, or a parameter. */
export type Amount = NumberLiteral | DurationLiteral | Parameter;

/** `LAST 15m` or `SINCE t [UNTIL t]`. */
export interface ReplayClause extends NodeBase {
  readonly kind: 'replay';
  readonly last: Amount | null;
  readonly since: Expression | null;
  readonly until: Expression | null;
}

export type WindowClause = TimeWindow | CountWindow | SessionWindow;

/** Tumbling if `slide` is null. A bare number is seconds. */
export interface TimeWindow extends NodeBase {
  readonly kind: 'time-window';
  readonly size: Amount;
  readonly slide: Amount | null;
}

export interface CountWindow extends NodeBase {
  readonly kind: 'count-window';
  readonly count: Amount;
  readonly timeout: Amount | null;
}

export interface SessionWindow extends NodeBase {
  readonly kind: 'session-window';
  readonly gap: Amount;
  readonly max: Amount | null;
}

export interface GroupItem extends NodeBase {
  readonly kind: 'group-item';
  readonly expression: Expression;
}

/** Mantis' `ANOMALY mad p α β`: method name, the column, its numbers. */
export interface AnomalyClause extends NodeBase {
  readonly kind: 'anomaly';
  readonly method: string;
  readonly column: Expression;
  readonly parameters: readonly Expression[];
}

export interface OrderItem extends NodeBase {
  readonly kind: 'order-item';
  readonly expression: Expression;
  readonly direction: 'asc' | 'desc';
  /** What was written; null = the direction's default (nulls first ascending). */
  readonly nulls: 'first' | 'last' | null;
}

export interface LimitClause extends NodeBase {
  readonly kind: 'limit';
  readonly count: Amount;
}

export interface SampleClause extends NodeBase {
  readonly kind: 'sample';
  /** `SAMPLE 2%`: 2; null when options were given. */
  readonly percent: number | null;
  readonly options: SampleOptions | null;
}

/** `SAMPLE { … }` as written, keys checked by the grammar (unknown ones are errors). */
export interface SampleOptions {
  readonly strategy?: string;
  readonly threshold?: number;
  readonly factor?: number;
  readonly keys?: readonly string[];
  readonly salt?: number | string;
  readonly extrapolate?: boolean;
  readonly separator?: boolean;
}

/** `EMIT EVERY d`. */
export interface EmitClause extends NodeBase {
  readonly kind: 'emit';
  readonly every: Amount;
}

export interface LatenessClause extends NodeBase {
  readonly kind: 'lateness';
  readonly amount: Amount;
}

// ---- Expressions --------------------------------------------------------------------------------

export type Expression =
  | Literal
  | DurationLiteral
  | RegexLiteral
  | Parameter
  | Property
  | Unary
  | Binary
  | Logical
  | InList
  | Between
  | IsNull
  | Case
  | Call;

export type Literal = NumberLiteral | StringLiteral | BooleanLiteral | NullLiteral;

export interface NumberLiteral extends NodeBase {
  readonly kind: 'number';
  readonly value: number;
}

export interface StringLiteral extends NodeBase {
  readonly kind: 'string';
  readonly value: string;
}

export interface BooleanLiteral extends NodeBase {
  readonly kind: 'boolean';
  readonly value: boolean;
}

export interface NullLiteral extends NodeBase {
  readonly kind: 'null';
}

export type DurationUnit = 'ms' | 's' | 'm' | 'h' | 'd' | 'w';

export interface DurationLiteral extends NodeBase {
  readonly kind: 'duration';
  /** Milliseconds: what an expression sees. */
  readonly valueMs: number;
  /** As written, e.g. 15 and `m`, so that the printer gives the text back. */
  readonly amount: number;
  readonly unit: DurationUnit;
}

/** The pattern between the slashes of L7, `\/` already unescaped to `/`. */
export interface RegexLiteral extends NodeBase {
  readonly kind: 'regex';
  readonly pattern: string;
}

/** `$name`; `name` without the dollar. */
export interface Parameter extends NodeBase {
  readonly kind: 'parameter';
  readonly name: string;
}

/**
 * A reference to part of an event. `root` is how it starts, `steps` how it goes on:
 * - `a.b.c`: root `{kind:'name', name:'a.b.c'}`, no steps (longest key first, section 2)
 * - `` `a.b` ``: root `{kind:'quoted', name:'a.b'}` (exactly that key)
 * - `e['a'][0]`: root `{kind:'event'}`, steps key, index
 * - `l[*].status`: root name `l`, steps each, name
 */
export interface Property extends NodeBase {
  readonly kind: 'property';
  readonly root: PropertyRoot;
  readonly steps: readonly PathStep[];
}

export type PropertyRoot =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'quoted'; readonly name: string }
  | { readonly kind: 'event' };

export type PathStep =
  /** `['key']`: exactly that key. */
  | { readonly kind: 'key'; readonly key: string }
  /** `[0]`, `[-1]`: a list element, from the end if negative. */
  | { readonly kind: 'index'; readonly index: number }
  /** `[$p]`: bound to a string or whole number at submission. */
  | { readonly kind: 'parameter'; readonly name: string; readonly span: Span }
  /** `[*]`: every list element or object value. */
  | { readonly kind: 'each' }
  /** `.name` after `]`: longest key first again. */
  | { readonly kind: 'name'; readonly name: string };

export interface Unary extends NodeBase {
  readonly kind: 'unary';
  /** `!` binds tighter than comparisons, `not` weaker (L16). */
  readonly operator: '-' | '+' | '!' | 'not';
  readonly operand: Expression;
}

export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  /** `=` and `==`. */
  | '='
  /** `!=` and `<>`. */
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  /** `==~`: regular expression, full match. */
  | '==~'
  /** `=~`: regular expression, found anywhere. */
  | '=~'
  | '!~'
  /** `==+`: contains. */
  | '==+'
  | 'like'
  | 'ilike'
  | 'not like'
  | 'not ilike';

export interface Binary extends NodeBase {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

/** A whole chain is one node: `a AND b AND c` has three operands. */
export interface Logical extends NodeBase {
  readonly kind: 'logical';
  readonly operator: 'and' | 'or';
  readonly operands: readonly Expression[];
}

export interface InList extends NodeBase {
  readonly kind: 'in';
  readonly operand: Expression;
  readonly list: readonly Expression[];
  readonly negated: boolean;
}

export interface Between extends NodeBase {
  readonly kind: 'between';
  readonly operand: Expression;
  readonly low: Expression;
  readonly high: Expression;
  readonly negated: boolean;
}

export interface IsNull extends NodeBase {
  readonly kind: 'is-null';
  readonly operand: Expression;
  readonly negated: boolean;
}

/** `CASE WHEN … THEN … [ELSE …] END`. */
export interface Case extends NodeBase {
  readonly kind: 'case';
  readonly branches: readonly CaseBranch[];
  readonly otherwise: Expression | null;
}

export interface CaseBranch {
  readonly when: Expression;
  readonly then: Expression;
}

/** A scalar function or an aggregate; which one is the analyzer's business. */
export interface Call extends NodeBase {
  readonly kind: 'call';
  /** As written. Names of functions are case-insensitive. */
  readonly name: string;
  readonly nameSpan: Span;
  readonly distinct: boolean;
  /** `COUNT(*)` and the like: no arguments, `star` true. */
  readonly star: boolean;
  readonly args: readonly Expression[];
  /** `FILTER (WHERE condition)`. */
  readonly filter: Expression | null;
}
