/** The windows of an untrusted plan, and whether they can run where it says. */
import type { ShapeReader } from './json-shape.ts';
import type { Json } from './json-shape.ts';
import { checkPath } from './validate-expression.ts';

const KINDS = ['none', 'time', 'count', 'session'];
const REASONS = ['join', 'count-window', 'session-window', 'rate-sample'];

export function checkHome(reader: ShapeReader, stage: unknown): boolean {
  if (!reader.object(stage)) return false;
  return (
    reader.member(stage, 'reasons', (reasons) =>
      reader.list(reasons, (reason) => reader.oneOf(reason, REASONS)),
    ) &&
    reader.member(stage, 'fields', (fields) =>
      reader.list(fields, (path) => checkPath(reader, path)),
    )
  );
}

export function checkWindow(
  reader: ShapeReader,
  window: unknown,
  { isAtHome }: { readonly isAtHome: boolean },
): boolean {
  if (!reader.object(window)) return false;
  if (!reader.member(window, 'kind', (kind) => reader.oneOf(kind, KINDS))) return false;
  switch (window['kind']) {
    case 'time':
      return checkTimeWindow(reader, window);
    case 'count':
      return needsHome(reader, isAtHome) && checkCountWindow(reader, window);
    case 'session':
      return needsHome(reader, isAtHome) && checkSessionWindow(reader, window);
    default:
      return isSpan(reader, window, 'paneMs');
  }
}

function checkTimeWindow(reader: ShapeReader, window: Json): boolean {
  return (
    ['paneMs', 'sizeMs', 'slideMs'].every((name) => isSpan(reader, window, name)) &&
    ['sizeMs', 'slideMs'].every((name) =>
      reader.member(
        window,
        name,
        (value) =>
          Number(value) % Number(window['paneMs']) === 0 || reader.fail('must be whole panes'),
      ),
    )
  );
}

function checkCountWindow(reader: ShapeReader, window: Json): boolean {
  return (
    reader.member(window, 'count', (value) => reader.whole(value, 1)) &&
    reader.member(window, 'timeoutMs', (value) =>
      reader.nullOr(value, (one) => reader.number(one, 0)),
    ) &&
    reader.member(window, 'paneMs', (value) => value === 0 || reader.fail('must be 0'))
  );
}

function checkSessionWindow(reader: ShapeReader, window: Json): boolean {
  return (
    isSpan(reader, window, 'gapMs') &&
    isSpan(reader, window, 'paneMs') &&
    reader.member(window, 'maxMs', (value) => reader.nullOr(value, (one) => reader.number(one, 0)))
  );
}

function needsHome(reader: ShapeReader, isAtHome: boolean): boolean {
  return isAtHome || reader.fail('needs a home stage');
}

/** A number of milliseconds above 0. */
function isSpan(reader: ShapeReader, window: Json, name: string): boolean {
  return reader.member(window, name, (value) => reader.number(value, 0));
}
