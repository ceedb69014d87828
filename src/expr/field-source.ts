/**
 * Parts of an event as JavaScript source: each is read once into a constant of its block, as a
 * number or as a plain value, whichever is asked for. A number that is only compared and added up
 * stays a machine number that way; as a `Value` it would be boxed for every event.
 *
 * Names become literals by `JSON.stringify`, and only where plain property access means what
 * `ir/path.ts` does; everything else is a call of that file's reader.
 */
import type { FieldPath } from '../ir/expression.ts';

/** A property of the event, or of an object that is a property of it. */
export interface PlainField {
  readonly key: string;
  /** Null: the property itself. */
  readonly inner: string | null;
  /** A key with a dot goes before the object that its first part names. */
  readonly flat: string | null;
}

/** Null: reading takes more than one or two property accesses. */
export function plainField(path: FieldPath): PlainField | null {
  const [first, second] = path;
  if (first === undefined || path.length > 2) return null;
  if (path.length === 2) {
    if (first.by !== 'key' || second?.by !== 'key') return null;
    return checked({ key: first.key, inner: second.key, flat: null });
  }
  if (first.by === 'key') return checked({ key: first.key, inner: null, flat: null });
  if (first.by !== 'name') return null;
  const { name } = first;
  const dot = name.indexOf('.');
  if (dot < 0) return checked({ key: name, inner: null, flat: null });
  if (dot === 0 || name.includes('.', dot + 1)) return null;
  return checked({ key: name.slice(0, dot), inner: name.slice(dot + 1), flat: name });
}

/** Keys that a prototype has are read as own properties only, which is not plain. */
function checked(field: PlainField): PlainField | null {
  return isPlain(field.key) && (field.inner === null || isPlain(field.inner)) ? field : null;
}

function isPlain(key: string): boolean {
  return !(key in Object.prototype) && !(key in Array.prototype);
}

/** Source of what is found there, `undefined` included; `event` is an object and no list. */
export function rawSource({ flat, inner, key }: PlainField, temporary: string): string {
  const outer = `event[${JSON.stringify(key)}]`;
  if (inner === null) return outer;
  const test = `typeof ${temporary} === "object" && ${temporary} !== null`;
  const member = `${temporary}[${JSON.stringify(inner)}]`;
  const nested = `(${temporary} = ${outer}, ${test} && !isList(${temporary}) ? ${member} : null)`;
  return flat === null ? nested : `event[${JSON.stringify(flat)}] ?? ${nested}`;
}

/** Source of the plain value of `raw`; `other`: of one that is an object or worse. */
function valueSource(raw: string, other: string): string {
  const isKept = `typeof ${raw} === "string" || typeof ${raw} === "boolean"`;
  const number = `(${raw} - ${raw} === 0 ? ${raw} : null)`;
  const isMissing = `${raw} === undefined || ${raw} === null`;
  return `${isKept} ? ${raw} : typeof ${raw} === "number" ? ${number} : ${isMissing} ? null : ${other}`;
}

/**
 * Statements that declare `name`, the plain value of `raw` as a number: NaN if it is none. As one
 * expression the compiler would box it, and without the sign before the call, too.
 */
export function numberStatement(name: string, raw: string, other: string): string {
  const isSome = `${raw} !== undefined && ${raw} !== null && typeof ${raw} !== "string"`;
  return (
    `let ${name} = NaN; if (typeof ${raw} === "number") { if (${raw} - ${raw} === 0) ` +
    `${name} = ${raw}; } else if (${isSome}) ${name} = +numberOf(${other});`
  );
}

/** Statement that declares `name`, the plain value of `raw`. */
export function valueStatement(name: string, raw: string, other: string): string {
  return `const ${name} = ${valueSource(raw, other)};`;
}
