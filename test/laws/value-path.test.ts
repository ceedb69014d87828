/** Paths: texts lead back to them, and the fast reader finds what the naive one does. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { FieldPath, FieldStep } from '../../src/ir/expression.ts';
import { parsePath, pathText } from '../../src/ir/path-text.ts';
import { compilePath, readPath } from '../../src/ir/path.ts';
import { walkPath } from '../../src/reference/reference-path.ts';
import { arbitraryEvent } from '../support/arbitrary-event.ts';
import { arbitraryPath } from '../support/arbitrary-expression.ts';
import { lawParameters } from '../support/laws.ts';

const awkward = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.constantFrom('e', 'a', 'a.b', "'", '`', '"', '\\', ']', '[*]', '.', '', 'a/b', 'a b', '\n'),
);

const step: fc.Arbitrary<FieldStep> = fc.oneof(
  awkward.map((name): FieldStep => ({ by: 'name', name })),
  awkward.map((key): FieldStep => ({ by: 'key', key })),
  awkward.map((prefix): FieldStep => ({ by: 'prefix', prefix })),
  fc.integer().map((index): FieldStep => ({ by: 'index', index })),
  fc.constant<FieldStep>({ by: 'each' }),
);

/** Streams stand first, if anywhere. */
const path: fc.Arbitrary<FieldPath> = fc
  .tuple(
    fc.option(
      fc.record({ by: fc.constant('stream' as const), pattern: awkward, glob: fc.boolean() }),
    ),
    fc.array(step, { maxLength: 4 }),
  )
  .map(([streams, steps]) => (streams === null ? steps : [streams, ...steps]));

it('every path reads back from its text, so no two share one', () => {
  fc.assert(
    fc.property(path, (given) => {
      expect(parsePath(pathText(given))).toEqual({ ok: true, value: given });
    }),
    lawParameters(2_000),
  );
});

it('text that no path has is refused, never a fault', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const parsed = parsePath(text);
      if (parsed.ok) expect(parsePath(pathText(parsed.value))).toEqual(parsed);
    }),
    lawParameters(1_000),
  );
});

it('compiled and interpreted readers find what the reference finds', () => {
  fc.assert(
    fc.property(arbitraryPath(), arbitraryEvent(), (given, event) => {
      const wanted = JSON.stringify(walkPath(event, given));
      expect(JSON.stringify(readPath(event, given))).toBe(wanted);
      expect(JSON.stringify(compilePath(given)(event))).toBe(wanted);
    }),
    lawParameters(2_000),
  );
});
