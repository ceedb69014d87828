/** The join stage of a received plan. `scope` is that of expressions over one event. */
import type { Json, ShapeReader } from './json-shape.ts';
import { checkExpression } from './validate-expression.ts';
import type { ExpressionScope } from './validate-expression.ts';
import { checkSource, checkSourceStage } from './validate-source.ts';

export function checkJoinStage(
  reader: ShapeReader,
  stage: unknown,
  scope: ExpressionScope,
): boolean {
  if (!reader.object(stage)) return false;
  const aliases = new Set<string>();
  return (
    reader.member(stage, 'first', (side) => checkSide(reader, side, scope, aliases)) &&
    reader.member(
      stage,
      'steps',
      (steps) =>
        isFilled(reader, steps) &&
        reader.list(steps, (step) => checkStep(reader, step, scope, aliases)),
    )
  );
}

function isFilled(reader: ShapeReader, list: unknown): boolean {
  return !Array.isArray(list) || list.length > 0 || reader.fail('must not be empty');
}

function checkSide(
  reader: ShapeReader,
  side: unknown,
  scope: ExpressionScope,
  aliases: Set<string>,
): boolean {
  if (!reader.object(side)) return false;
  return (
    checkAlias(reader, side, aliases) &&
    reader.member(side, 'pattern', (pattern) => checkSource(reader, pattern)) &&
    reader.member(side, 'source', (source) => checkSourceStage(reader, source, scope))
  );
}

/** Of two sides with one alias the later would hide the earlier. */
function checkAlias(reader: ShapeReader, of: Json, aliases: Set<string>): boolean {
  return reader.member(of, 'alias', (alias) => {
    if (!reader.string(alias)) return false;
    if (aliases.has(alias)) return reader.fail('is taken by another side');
    aliases.add(alias);
    return true;
  });
}

function checkStep(
  reader: ShapeReader,
  step: unknown,
  scope: ExpressionScope,
  aliases: Set<string>,
): boolean {
  if (!reader.object(step)) return false;
  const isShape =
    reader.member(step, 'kind', (kind) => reader.oneOf(kind, ['stream', 'table'])) &&
    reader.member(step, 'type', (type) => reader.oneOf(type, ['inner', 'left'])) &&
    reader.member(step, 'on', (on) =>
      reader.nullOr(on, (one) => checkExpression(reader, one, scope)),
    );
  if (!isShape) return false;
  if (step['kind'] === 'stream') return checkStreamJoin(reader, step, scope, aliases);
  return (
    checkAlias(reader, step, aliases) &&
    reader.member(step, 'table', (table) => reader.string(table)) &&
    reader.member(step, 'key', (key) => checkExpression(reader, key, scope)) &&
    reader.member(step, 'keyColumn', (column) => reader.string(column))
  );
}

function checkStreamJoin(
  reader: ShapeReader,
  step: Json,
  scope: ExpressionScope,
  aliases: Set<string>,
): boolean {
  return (
    reader.member(step, 'side', (side) => checkSide(reader, side, scope, aliases)) &&
    reader.member(step, 'withinMs', (within) => reader.whole(within, 1)) &&
    reader.member(
      step,
      'keys',
      (keys) => isFilled(reader, keys) && reader.list(keys, (key) => checkKey(reader, key, scope)),
    )
  );
}

function checkKey(reader: ShapeReader, key: unknown, scope: ExpressionScope): boolean {
  if (!reader.object(key)) return false;
  return (
    reader.member(key, 'row', (row) => checkExpression(reader, row, scope)) &&
    reader.member(key, 'event', (event) => checkExpression(reader, event, scope))
  );
}
