/** The parts of received plans that say what is asked of events: patterns, samples, conditions. */
import type { Json, ShapeReader } from './json-shape.ts';
import { checkExpression, checkPath } from './validate-expression.ts';
import type { ExpressionScope } from './validate-expression.ts';

export function checkSource(reader: ShapeReader, source: unknown): boolean {
  if (!reader.object(source)) return false;
  return (
    reader.member(source, 'pattern', (value) => reader.string(value)) &&
    reader.member(source, 'glob', (value) => reader.boolean(value))
  );
}

export function checkSourceStage(
  reader: ShapeReader,
  stage: unknown,
  scope: ExpressionScope,
): boolean {
  if (!reader.object(stage)) return false;
  return (
    reader.member(stage, 'sample', (sample) =>
      reader.nullOr(sample, (one) => checkSample(reader, one)),
    ) &&
    reader.member(stage, 'where', (where) =>
      reader.nullOr(where, (one) => checkExpression(reader, one, scope)),
    ) &&
    reader.member(stage, 'fields', (fields) =>
      reader.list(fields, (path) => checkPath(reader, path)),
    ) &&
    reader.member(stage, 'allFields', (value) => reader.boolean(value))
  );
}

function checkSample(reader: ShapeReader, sample: unknown): boolean {
  if (!reader.object(sample)) return false;
  if (sample['kind'] === 'rps') return checkRate(reader, sample);
  const isFlag = (name: string): boolean =>
    reader.member(sample, name, (value) => reader.boolean(value));
  const isShare =
    reader.member(sample, 'kind', (kind) => reader.oneOf(kind, ['random', 'sticky', 'rps'])) &&
    reader.member(sample, 'threshold', (value) => isShareOf(reader, value)) &&
    reader.member(sample, 'factor', (value) => reader.whole(value, 1)) &&
    reader.member(sample, 'salt', (value) => reader.string(value)) &&
    isFlag('extrapolate');
  if (!isShare || sample['kind'] === 'random') return isShare;
  return (
    reader.member(sample, 'keys', (keys) => reader.list(keys, (key) => reader.string(key))) &&
    isFlag('separator')
  );
}

function isShareOf(reader: ShapeReader, threshold: unknown): boolean {
  if (!reader.number(threshold)) return false;
  return threshold >= 0 || reader.fail('must not be negative');
}

function checkRate(reader: ShapeReader, sample: Json): boolean {
  return (
    reader.member(sample, 'perSecond', (value) => reader.whole(value, 1)) &&
    reader.member(sample, 'share', (value) => reader.whole(value, 1)) &&
    reader.member(sample, 'extrapolate', (value) => reader.boolean(value))
  );
}
