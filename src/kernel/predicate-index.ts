/**
 * The conditions of many queries over the same fields as one tree. Every way from the root is a
 * conjunction: what conditions begin with in common is evaluated once for all of them, and a batch
 * goes down only where it has rows. Comparisons with constants by `=` are not evaluated at all but
 * dealt (see `value-rows.ts`), so a query whose constant does not occur in a batch costs nothing.
 * Comparisons by order with many constants are bisected for takers that share their states
 * (`row-runs.ts`).
 *
 * Invariant: a taker is given exactly the rows its condition holds for, ascending, in pieces that
 * do not overlap: one piece a batch.
 * Bench: bench/many-queries.ts.
 */
import { assert } from '../core/assert.ts';
import type { EvalCounters } from '../expr/context.ts';
import type { Expression } from '../ir/expression.ts';
import { grownUints } from '../sketch/typed-column.ts';
import type { BatchView } from './batch-view.ts';
import { conjunctsOf } from './conjuncts.ts';
import type { Conjunct, RangeConjunct } from './conjuncts.ts';
import type { FieldSet } from './field-set.ts';
import { compilePredicate } from './predicate.ts';
import type { PredicateKernel } from './predicate.ts';
import type { NumberColumnValues } from './compare-loops.ts';
import { RangeRows } from './range-rows.ts';
import { RowRuns, RunFinder } from './row-runs.ts';
import type { RunStore, SharedPlace } from './row-runs.ts';
import { DealtRows, ValueRows } from './value-rows.ts';

interface Node<T> {
  readonly parent: Node<T> | null;
  /** What leads here from the parent; null: the root. */
  readonly conjunct: Conjunct | null;
  /** Null: not needed so far, because the parent deals or compares. */
  kernel: PredicateKernel | null;
  readonly takers: T[];
  /** Made when there is something to branch to. */
  branches: Branches<T> | null;
}

/** Comparisons by order, and who of their takers is told how. */
interface RangeBranch<T> {
  readonly all: RangeRows<Node<T>>;
  /** Null: it has to be worked out, for somebody came or went. */
  dealing: RangeDealing<T> | null;
}

interface RangeDealing<T> {
  readonly shared: readonly { readonly store: RunStore; readonly finder: RunFinder }[];
  readonly alone: RangeRows<Node<T>>;
}

interface Branches<T> {
  readonly values: ValueRows<Node<T>>[];
  readonly ranges: RangeBranch<T>[];
  readonly tests: Node<T>[];
  /** Tests by text. */
  readonly byText: Map<string, Node<T>>;
}

/** `rows` are borrowed. */
export type Take<T> = (taker: T, rows: Uint32Array, n: number) => void;

/** Null: the taker's states are its own. */
export type PlaceOf<T> = (taker: T) => SharedPlace | null;

export class PredicateIndex<T> {
  readonly #fields: FieldSet;
  readonly #counters: EvalCounters;
  readonly #take: Take<T>;
  readonly #placeOf: PlaceOf<T>;
  readonly #root: Node<T> = newNode<T>(null, null);
  readonly #places = new Map<T, Node<T>>();
  /** One each a level of the tree. */
  readonly #rows: Uint32Array[] = [];
  readonly #dealt: DealtRows[] = [];
  readonly #runs = new RowRuns();

  constructor(
    fields: FieldSet,
    counters: EvalCounters,
    take: Take<T>,
    placeOf: PlaceOf<T> = () => null,
  ) {
    this.#fields = fields;
    this.#counters = counters;
    this.#take = take;
    this.#placeOf = placeOf;
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
    this.#changed(node);
  }

  remove(taker: T): void {
    let node = this.#places.get(taker);
    if (node === undefined) return;
    this.#places.delete(taker);
    node.takers.splice(node.takers.indexOf(taker), 1);
    this.#changed(node);
    while (node.parent !== null && node.takers.length === 0 && node.branches === null) {
      this.#cut(node.parent, node);
      node = node.parent;
    }
  }

  /** Gives the rows among `rows[0 … n)` to who wants them. */
  run(view: BatchView, rows: Uint32Array, n: number): void {
    this.#visit(this.#root, view, rows, n, 0);
  }

  #visit(node: Node<T>, view: BatchView, rows: Uint32Array, n: number, level: number): void {
    const { takers, branches } = node;
    for (let i = 0; i < takers.length; i++) this.#take(takers[i]!, rows, n);
    if (branches === null) return;
    const { values, ranges, tests } = branches;
    const out = this.#rowsOf(level, n);
    for (let i = 0; i < values.length; i++) {
      const { only } = values[i]!;
      if (only === null) {
        this.#deal(values[i]!, view, rows, n, level);
      } else {
        const kept = values[i]!.selectOnly(view, rows, n, out);
        if (kept > 0) this.#visit(only, view, out, kept, level + 1);
      }
    }
    for (let i = 0; i < ranges.length; i++) this.#compare(ranges[i]!, view, rows, n, level);
    for (let i = 0; i < tests.length; i++) this.#test(tests[i]!, view, rows, n, level);
  }

  #deal(
    values: ValueRows<Node<T>>,
    view: BatchView,
    rows: Uint32Array,
    n: number,
    level: number,
  ): void {
    const out = this.#rows[level]!;
    const dealt = (this.#dealt[level] ??= new DealtRows());
    const found = values.deal(view, rows, n, dealt);
    for (let k = 0; k < found; k++) {
      const kept = dealt.copy(k, out);
      this.#visit(values.target(dealt.slots[k]!), view, out, kept, level + 1);
    }
  }

  #compare(
    range: RangeBranch<T>,
    view: BatchView,
    rows: Uint32Array,
    n: number,
    level: number,
  ): void {
    const { all } = range;
    const column = view.column(all.field);
    if (column?.kind === 'null') return;
    if (column?.kind !== 'f64' && column?.kind !== 'i32') {
      for (let at = 0; at < all.size; at++) this.#test(all.target(at), view, rows, n, level);
      return;
    }
    const { values } = column;
    const { alone, shared } = (range.dealing ??= this.#dealingOf(all));
    for (let i = 0; i < shared.length; i++) {
      if (shared[i]!.store.takesRuns) continue;
      this.#compareEach(all, values, view, rows, n, level);
      return;
    }
    for (let i = 0; i < shared.length; i++) {
      const { finder, store } = shared[i]!;
      finder.find(values, rows, n, this.#runs);
      if (this.#runs.n > 0) store.takeRuns(this.#runs);
    }
    if (alone.size > 0) this.#compareEach(alone, values, view, rows, n, level);
  }

  #compareEach(
    range: RangeRows<Node<T>>,
    values: NumberColumnValues,
    view: BatchView,
    rows: Uint32Array,
    n: number,
    level: number,
  ): void {
    const out = this.#rows[level]!;
    const { from, to } = range.candidates(values, rows, n);
    for (let at = from; at < to; at++) {
      const kept = range.select(values, range.constant(at), rows, n, out);
      if (kept > 0) this.#visit(range.target(at), view, out, kept, level + 1);
    }
  }

  /**
   * Takers that share states are told in runs where nothing is left to ask behind the comparison.
   */
  #dealingOf(all: RangeRows<Node<T>>): RangeDealing<T> {
    const stores = new Map<RunStore, { constants: number[]; places: number[] }>();
    const alone = new RangeRows<Node<T>>(all.field, all.comparison);
    for (let at = 0; at < all.size; at++) {
      const node = all.target(at);
      const places = node.branches === null ? node.takers.map(this.#placeOf) : [null];
      if (places.includes(null)) {
        alone.set(all.constant(at), node);
        continue;
      }
      for (const shared of places) {
        const { store, place } = shared!;
        let known = stores.get(store);
        if (known === undefined) stores.set(store, (known = { constants: [], places: [] }));
        known.constants.push(all.constant(at));
        known.places.push(place);
      }
    }
    const shared = Array.from(stores, ([store, { constants, places }]) => ({
      store,
      finder: new RunFinder(all.comparison, constants, places),
    }));
    return { shared, alone };
  }

  /** Comparisons on the way to the node have to find out again whom they tell how. */
  #changed(from: Node<T>): void {
    for (let node = from; node.parent !== null; node = node.parent) {
      const { conjunct, parent } = node;
      if (conjunct?.kind !== 'range' || parent.branches === null) continue;
      const range = this.#rangeOf(parent.branches, conjunct);
      if (range !== undefined) range.dealing = null;
    }
  }

  #test(test: Node<T>, view: BatchView, rows: Uint32Array, n: number, level: number): void {
    const out = this.#rows[level]!;
    const kept = this.#kernelOf(test).select(view, rows, n, out);
    if (kept > 0) this.#visit(test, view, out, kept, level + 1);
  }

  #kernelOf(node: Node<T>): PredicateKernel {
    if (node.kernel !== null) return node.kernel;
    const { conjunct } = node;
    assert(conjunct !== null && conjunct.kind !== 'equality', () => 'equal values are dealt');
    return (node.kernel = compilePredicate(conjunct.expression, this.#fields, this.#counters));
  }

  #rowsOf(level: number, n: number): Uint32Array {
    const rows = grownUints(this.#rows[level] ?? new Uint32Array(0), n);
    this.#rows[level] = rows;
    return rows;
  }

  #child(node: Node<T>, conjunct: Conjunct): Node<T> {
    const branches: Branches<T> = (node.branches ??= {
      values: [],
      ranges: [],
      tests: [],
      byText: new Map(),
    });
    switch (conjunct.kind) {
      case 'equality': {
        const field = this.#fields.number(conjunct.path);
        let values = branches.values.find((one) => one.field === field);
        if (values === undefined) branches.values.push((values = new ValueRows(field)));
        const known = values.get(conjunct.value);
        if (known !== null) return known;
        const child = newNode(node, conjunct);
        values.set(conjunct.value, child);
        return child;
      }
      case 'range': {
        const { path, comparison, constant } = conjunct;
        let range = this.#rangeOf(branches, conjunct);
        if (range === undefined) {
          range = { all: new RangeRows(this.#fields.number(path), comparison), dealing: null };
          branches.ranges.push(range);
        }
        const known = range.all.get(constant);
        if (known !== null) return known;
        const child = newNode(node, conjunct);
        range.all.set(constant, child);
        return child;
      }
      case 'test': {
        const known = branches.byText.get(conjunct.text);
        if (known !== undefined) return known;
        const child = newNode(node, conjunct);
        branches.tests.push(child);
        branches.byText.set(conjunct.text, child);
        return child;
      }
    }
  }

  #rangeOf(
    { ranges }: Branches<T>,
    { path, comparison }: RangeConjunct,
  ): RangeBranch<T> | undefined {
    const field = this.#fields.number(path);
    return ranges.find(({ all }) => all.field === field && all.comparison === comparison);
  }

  #cut(parent: Node<T>, child: Node<T>): void {
    const { branches } = parent;
    const { conjunct } = child;
    if (branches === null || conjunct === null) return;
    const { values, ranges, tests, byText } = branches;
    switch (conjunct.kind) {
      case 'equality': {
        const field = this.#fields.number(conjunct.path);
        const dealing = values.find((one) => one.field === field);
        dealing?.delete(conjunct.value);
        if (dealing?.size === 0) values.splice(values.indexOf(dealing), 1);
        break;
      }
      case 'range': {
        const range = this.#rangeOf(branches, conjunct);
        range?.all.delete(conjunct.constant);
        if (range?.all.size === 0) ranges.splice(ranges.indexOf(range), 1);
        break;
      }
      case 'test':
        tests.splice(tests.indexOf(child), 1);
        byText.delete(conjunct.text);
        break;
    }
    if (values.length + ranges.length + tests.length === 0) parent.branches = null;
  }
}

function newNode<T>(parent: Node<T> | null, conjunct: Conjunct | null): Node<T> {
  return { parent, conjunct, kernel: null, takers: [], branches: null };
}
