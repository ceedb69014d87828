/** Checks of an untrusted series stage: known functions, arguments over the slots before them. */
import type { ShapeReader } from './json-shape.ts';
import { checkExpression } from './validate-expression.ts';
import type { ExpressionScope } from './validate-expression.ts';

export interface SeriesRow {
  /** Of the row before its functions; each function's result is one more. */
  readonly slots: number;
  readonly scope: (slots: number) => ExpressionScope;
  /** Left out: any name will do. */
  readonly hasSeries: ((name: string) => boolean) | undefined;
}

export function checkSeriesStage(reader: ShapeReader, stage: unknown, row: SeriesRow): boolean {
  if (!reader.object(stage)) return false;
  let { slots } = row;
  return (
    reader.member(stage, 'groupBy', (keys) =>
      reader.list(keys, (key) => checkExpression(reader, key, row.scope(row.slots))),
    ) &&
    reader.member(stage, 'functions', (specs) =>
      reader.list(specs, (spec) => checkSeries(reader, spec, row, slots++)),
    )
  );
}

function checkSeries(
  reader: ShapeReader,
  spec: unknown,
  { scope, hasSeries }: SeriesRow,
  slots: number,
): boolean {
  if (!reader.object(spec)) return false;
  const isName = (name: unknown): boolean =>
    reader.string(name) &&
    (hasSeries === undefined || hasSeries(name) || reader.fail('no such series function'));
  return (
    reader.member(spec, 'name', isName) &&
    reader.member(spec, 'arg', (arg) => checkExpression(reader, arg, scope(slots))) &&
    reader.member(spec, 'parameters', (list) => reader.list(list, (one) => reader.number(one)))
  );
}
