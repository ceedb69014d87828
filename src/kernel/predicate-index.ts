/**
 * The conditions of many queries over the same fields as one tree. Every way from the root is a
 * conjunction: what conditions begin with in common is evaluated once for all of them, and a batch
 * goes down only where it has rows. Comparisons with constants by `=` are not evaluated at all but
 * dealt (see `value-rows.ts`), so a query whose constant does not occur in a batch costs nothing.
 *
 * Invariant: a taker is given exactly the rows its condition holds for, ascending, in pieces that
 * do not overlap: one piece a batch.
 * Bench: bench/many-queries.ts.
 */
import type { EvalCounters } from '../expr/context.ts';
import type { Expression } from '../ir/expression.ts';
import { grownUints } from '../sketch/typed-column.ts';
import type { BatchView } from './batch-view.ts';
import { conjunctsOf } from './conjuncts.ts';
import type { Conjunct } from './conjuncts.ts';
import type { FieldSet } from './field-set.ts';
import { compilePredicate } from './predicate.ts';
import type { PredicateKernel } from './predicate.ts';
import { DealtRows, ValueRows } from './value-rows.ts';

interface Node<T> {
  readonly parent: Node<T> | null;
  /** What leads here from the parent; null: the root. */
  readonly conjunct: Conjunct | null;
  /** Null: rows are dealt here by the parent. */
  readonly kernel: PredicateKernel | null;
  readonly takers: T[];
  readonly tests: Node<T>[];
  /** The same by text, where there are too many to look through. */
  byText: Map<string, Node<T>> | null;
  readonly values: ValueRows<Node<T>>[];
}

/** `rows` are borrowed. */
export type Take<T> = (taker: T, rows: Uint32Array, n: number) => void;

export class PredicateIndex<T> {
  readonly #fields: FieldSet;
  readonly #counters: EvalCounters;
  readonly #take: Take<T>;
  readonly #root: Node<T> = newNode<T>(null, null, null);
  readonly #places = new Map<T, Node<T>>();
  /** One each a level of the tree. */
  readonly #rows: Uint32Array[] = [];
  readonly #dealt: DealtRows[] = [];

  constructor(fields: FieldSet, counters: EvalCounters, take: Take<T>) {
    this.#fields = fields;
    this.#counters = counters;
    this.#take = take;
  }

  get size(): number {
    return this.#places.size;
  }

  takers(): Iterable<T> {
    return this.#places.keys();
  }

  /** Null: wants every row. */
  add(where: Expression | null, taker: T): void {
    let node = this.#root;
    for (const conjunct of conjunctsOf(where)) node = this.#child(node, conjunct);
    node.takers.push(taker);
    this.#places.set(taker, node);
  }

  remove(taker: T): void {
    let node = this.#places.get(taker);
    if (node === undefined) return;
    this.#places.delete(taker);
    node.takers.splice(node.takers.indexOf(taker), 1);
    while (node.parent !== null && isBare(node)) {
      this.#cut(node.parent, node);
      node = node.parent;
    }
  }

  /** Gives the rows among `rows[0 … n)` to who wants them. */
  run(view: BatchView, rows: Uint32Array, n: number): void {
    this.#visit(this.#root, view, rows, n, 0);
  }

  #visit(node: Node<T>, view: BatchView, rows: Uint32Array, n: number, level: number): void {
    const { takers, tests, values } = node;
    for (let i = 0; i < takers.length; i++) this.#take(takers[i]!, rows, n);
    if (tests.length === 0 && values.length === 0) return;
    const out = this.#rowsOf(level, n);
    for (let i = 0; i < tests.length; i++) {
      const test = tests[i]!;
      const kept = test.kernel!.select(view, rows, n, out);
      if (kept > 0) this.#visit(test, view, out, kept, level + 1);
    }
    for (let i = 0; i < values.length; i++) {
      const dealt = (this.#dealt[level] ??= new DealtRows());
      const found = values[i]!.deal(view, rows, n, dealt);
      for (let k = 0; k < found; k++) {
        const kept = dealt.copy(k, out);
        this.#visit(values[i]!.target(dealt.slots[k]!), view, out, kept, level + 1);
      }
    }
  }

  #rowsOf(level: number, n: number): Uint32Array {
    const rows = grownUints(this.#rows[level] ?? new Uint32Array(0), n);
    this.#rows[level] = rows;
    return rows;
  }

  #child(node: Node<T>, conjunct: Conjunct): Node<T> {
    if (conjunct.kind === 'test') {
      const known = testOf(node, conjunct.text);
      if (known !== undefined) return known;
      const kernel = compilePredicate(conjunct.expression, this.#fields, this.#counters);
      const test = newNode(node, conjunct, kernel);
      node.tests.push(test);
      node.byText?.set(conjunct.text, test);
      return test;
    }
    const field = this.#fields.number(conjunct.path);
    let values = node.values.find((one) => one.field === field);
    if (values === undefined) node.values.push((values = new ValueRows(field)));
    let child = values.get(conjunct.value);
    if (child === null) values.set(conjunct.value, (child = newNode(node, conjunct, null)));
    return child;
  }

  #cut(parent: Node<T>, { conjunct }: Node<T>): void {
    if (conjunct?.kind === 'equality') {
      const field = this.#fields.number(conjunct.path);
      const at = parent.values.findIndex((one) => one.field === field);
      parent.values[at]?.delete(conjunct.value);
      if (parent.values[at]?.size === 0) parent.values.splice(at, 1);
      return;
    }
    const at = parent.tests.findIndex((test) => test.conjunct === conjunct);
    if (at >= 0) parent.tests.splice(at, 1);
    if (conjunct !== null) parent.byText?.delete(conjunct.text);
  }
}

function newNode<T>(
  parent: Node<T> | null,
  conjunct: Conjunct | null,
  kernel: PredicateKernel | null,
): Node<T> {
  return { parent, conjunct, kernel, takers: [], tests: [], byText: null, values: [] };
}

function isBare({ takers, tests, values }: Node<unknown>): boolean {
  return takers.length === 0 && tests.length === 0 && values.length === 0;
}

/** Tests of one node that are looked through one by one. */
const TESTS_FEW = 8;

function testOf<T>(node: Node<T>, text: string): Node<T> | undefined {
  if (node.byText === null && node.tests.length > TESTS_FEW) {
    node.byText = new Map(node.tests.map((test) => [textOf(test) ?? '', test]));
  }
  if (node.byText !== null) return node.byText.get(text);
  return node.tests.find((test) => textOf(test) === text);
}

function textOf({ conjunct }: Node<unknown>): string | null {
  return conjunct?.kind === 'test' ? conjunct.text : null;
}
