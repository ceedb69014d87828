/** Walks and rebuilds IR expressions: children in evaluation order, and a map over them. */
import { assert } from '../core/assert.ts';
import type { Expression } from '../ir/expression.ts';

export function irChildren(node: Expression): readonly Expression[] {
  switch (node.op) {
    case 'literal':
    case 'field':
    case 'element':
    case 'slot':
      return [];
    case 'call':
    case 'and':
    case 'or':
      return node.args;
    case 'not':
    case 'match':
      return [node.arg];
    case 'in':
      return [node.arg, ...node.list];
    case 'case':
      return [...node.branches.flatMap((b) => [b.when, b.then]), node.otherwise];
    case 'some':
      return [node.over, node.condition];
  }
}

/** The same node over changed children; the node itself if none changed. */
export function mapIrChildren(
  node: Expression,
  change: (child: Expression) => Expression,
): Expression {
  switch (node.op) {
    case 'literal':
    case 'field':
    case 'element':
    case 'slot':
      return node;
    case 'call':
    case 'and':
    case 'or': {
      const args = mapList(node.args, change);
      return args === node.args ? node : { ...node, args };
    }
    case 'not':
    case 'match': {
      const arg = change(node.arg);
      return arg === node.arg ? node : { ...node, arg };
    }
    case 'in': {
      const arg = change(node.arg);
      const list = mapList(node.list, change);
      return arg === node.arg && list === node.list ? node : { ...node, arg, list };
    }
    case 'case': {
      const branches = node.branches.map((b) => ({ when: change(b.when), then: change(b.then) }));
      return { ...node, branches, otherwise: change(node.otherwise) };
    }
    case 'some': {
      // Of an event `over` is a path, never a computed value; in a row it is a slot, which may get
      // another number or become the path that it holds.
      const { over } = node;
      const list = over.op === 'slot' ? change(over) : over;
      assert(
        list.op === 'slot' || list.op === 'field' || list.op === 'element',
        () => 'the list that [*] walks became a value',
      );
      return { ...node, over: list, condition: change(node.condition) };
    }
  }
}

export function someIr(node: Expression, test: (node: Expression) => boolean): boolean {
  return test(node) || irChildren(node).some((child) => someIr(child, test));
}

function mapList(
  list: readonly Expression[],
  change: (child: Expression) => Expression,
): readonly Expression[] {
  const changed = list.map(change);
  return changed.every((node, i) => node === list[i]) ? list : changed;
}
