/**
 * `[*]` in conditions. All conditions of one AND chain that share the text before `[*]` speak of
 * the same element, through parentheses and OR; a NOT starts afresh. While a chain is lowered, its
 * scope hands out one element id a prefix; closing it binds every id with a `some` node.
 *
 * Closing condition C over the elements x of a list gives `some(list, x → C) OR C[false]`, where
 * C[false] has every test of x replaced by false: what C still says when the list has no element.
 * C is monotone in those tests (no NOT lies between), so the second part adds nothing otherwise,
 * and it is left out where it folds to false.
 */
import type {
  ElementExpression,
  Expression,
  FieldExpression,
  FieldPath,
  SlotExpression,
} from '../ir/expression.ts';
import { irChildren } from './walk-ir.ts';

interface ElementBinding {
  readonly id: number;
  readonly over: FieldExpression | ElementExpression | SlotExpression;
  /** How many `[*]` stand before this one in its path. */
  readonly depth: number;
}

/** Operands that share elements, and the ids of those. */
interface ElementGroup {
  readonly ids: Set<number>;
  readonly parts: Expression[];
}

const FALSE: Expression = { op: 'literal', value: false };

export class ElementScope {
  readonly #bindings = new Map<string, ElementBinding>();
  readonly #nextId: () => number;
  readonly #list: (path: FieldPath) => FieldExpression | SlotExpression;

  constructor(nextId: () => number, list: (path: FieldPath) => FieldExpression | SlotExpression) {
    this.#nextId = nextId;
    this.#list = list;
  }

  /** Lowers a path that holds at least one `each` step. */
  element(path: FieldPath): ElementExpression {
    const each = path.findLastIndex((step) => step.by === 'each');
    const prefix = path.slice(0, each);
    const key = JSON.stringify(prefix);
    const known = this.#bindings.get(key);
    const binding = known ?? this.#bind(prefix);
    if (known === undefined) this.#bindings.set(key, binding);
    return { op: 'element', id: binding.id, path: path.slice(each + 1) };
  }

  /**
   * Binds this scope's elements in a finished AND chain; `parts` are its operands. Null if some of
   * them tie more than `listsMax` lists together: each list may double the condition.
   */
  close(parts: readonly Expression[], listsMax: number): Expression | null {
    if (this.#bindings.size === 0) return conjunction(parts);
    const groups = this.#groupBySharedElements(parts);
    if (groups.some(({ ids }) => ids.size > listsMax)) return null;
    return conjunction(groups.map((group) => this.#bindGroup(group.parts)));
  }

  #bind(prefix: FieldPath): ElementBinding {
    const nested = prefix.some((step) => step.by === 'each');
    const over = nested ? this.element(prefix) : this.#list(prefix);
    const depth = prefix.filter((step) => step.by === 'each').length;
    return { id: this.#nextId(), over, depth };
  }

  /** Parts that share an element, directly or through others, in order of first appearance. */
  #groupBySharedElements(parts: readonly Expression[]): readonly ElementGroup[] {
    let groups: ElementGroup[] = [];
    for (const part of parts) {
      const joined: ElementGroup = { ids: this.#elementsOf(part), parts: [] };
      const rest: ElementGroup[] = [];
      let place = groups.length;
      for (const [index, group] of groups.entries()) {
        if (![...group.ids].some((id) => joined.ids.has(id))) {
          rest.push(group);
          continue;
        }
        place = Math.min(place, index);
        for (const id of group.ids) joined.ids.add(id);
        joined.parts.push(...group.parts);
      }
      joined.parts.push(part);
      rest.splice(place, 0, joined);
      groups = rest;
    }
    return groups;
  }

  #elementsOf(part: Expression): Set<number> {
    const ids = new Set<number>();
    for (const binding of this.#bindings.values()) {
      if (mentions(part, binding.id)) this.#addWithOuter(binding, ids);
    }
    return ids;
  }

  #addWithOuter(binding: ElementBinding, ids: Set<number>): void {
    ids.add(binding.id);
    const { over } = binding;
    if (over.op !== 'element') return;
    const outer = [...this.#bindings.values()].find((other) => other.id === over.id);
    if (outer !== undefined) this.#addWithOuter(outer, ids);
  }

  #bindGroup(parts: readonly Expression[]): Expression {
    const inmostFirst = [...this.#bindings.values()].sort((a, b) => b.depth - a.depth);
    let body = conjunction(parts);
    for (const { id, over } of inmostFirst) {
      if (!mentions(body, id)) continue;
      const some: Expression = { op: 'some', id, over, condition: body };
      const withoutElements = replaceTests(body, id);
      body = isFalse(withoutElements) ? some : { op: 'or', args: [some, withoutElements] };
    }
    return body;
  }
}

function mentions(node: Expression, id: number): boolean {
  if (node.op === 'element') return node.id === id;
  return irChildren(node).some((child) => mentions(child, id));
}

/** The condition with every test that mentions the element replaced by false, and folded. */
function replaceTests(node: Expression, id: number): Expression {
  if (!mentions(node, id)) return node;
  if (node.op === 'and') {
    const args = node.args.map((arg) => replaceTests(arg, id));
    return args.some(isFalse) ? FALSE : conjunction(args);
  }
  if (node.op === 'or') {
    const args = node.args.map((arg) => replaceTests(arg, id)).filter((arg) => !isFalse(arg));
    const [first, ...rest] = args;
    if (first === undefined) return FALSE;
    return rest.length === 0 ? first : { op: 'or', args };
  }
  return FALSE;
}

function conjunction(parts: readonly Expression[]): Expression {
  const [first, ...rest] = parts;
  return first !== undefined && rest.length === 0 ? first : { op: 'and', args: parts };
}

function isFalse(node: Expression): boolean {
  return node.op === 'literal' && node.value === false;
}
