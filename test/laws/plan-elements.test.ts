/**
 * `[*]` against its definition: a condition over list elements holds if one choice of an element
 * makes it true, or if it holds with every test of an element false.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { planQuery } from '../../src/plan/plan-query.ts';
import { runReference } from '../../src/reference/run.ts';
import { lawParameters } from '../support/laws.ts';

interface Node {
  readonly text: string;
  readonly holds: (flag: boolean, element: Element | null) => boolean;
}
interface Element {
  readonly p: boolean;
  readonly q: boolean;
}

const leaf: fc.Arbitrary<Node> = fc.constantFrom<Node>(
  { text: 'l[*].p = true', holds: (_, element) => element !== null && element.p },
  { text: 'l[*].q = true', holds: (_, element) => element !== null && element.q },
  { text: 'flag = true', holds: (flag) => flag },
  { text: 'flag = false', holds: (flag) => !flag },
);
const { node } = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.tuple(tie('node'), tie('node')).map(([a, b]): Node => ({
      text: `(${a.text} and ${b.text})`,
      holds: (flag, element) => a.holds(flag, element) && b.holds(flag, element),
    })),
    fc.tuple(tie('node'), tie('node')).map(([a, b]): Node => ({
      text: `(${a.text} or ${b.text})`,
      holds: (flag, element) => a.holds(flag, element) || b.holds(flag, element),
    })),
  ),
}));
const element = fc.record({ p: fc.boolean(), q: fc.boolean() });

it('holds of the same element within one AND chain', () => {
  fc.assert(
    fc.property(node, fc.boolean(), fc.array(element, { maxLength: 3 }), (tree, flag, l) => {
      const { plan } = planQuery(`select * where ${tree.text}`, { mode: 'finite' });
      if (plan === null) throw new Error(tree.text);
      const { matched } = runReference(plan, [{ event: { flag, l }, timeMs: 0 }], { nowMs: 0 });
      const wanted = [null, ...l].some((one) => tree.holds(flag, one));
      expect(matched === 1).toBe(wanted);
    }),
    lawParameters(300),
  );
});
