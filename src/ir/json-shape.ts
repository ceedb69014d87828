/**
 * Reading untrusted JSON piece by piece: where one stands (for the message), a budget of parts, and
 * the first problem met. A reader that fails returns null after {@link ShapeReader.fail}; callers
 * stop as soon as there is a problem, so a hostile plan costs no more than its budget.
 */
import type { Value } from '../model/value.ts';

export interface ShapeProblem {
  /** JSON path of the offending part, e.g. `source.where.args[1]`. */
  readonly path: string;
  readonly message: string;
}

export type Json = Readonly<Record<string, unknown>>;

export class ShapeReader {
  readonly #depthMax: number;
  readonly #nodesMax: number;
  readonly #path: string[] = [];
  #nodes = 0;
  #problem: ShapeProblem | null = null;

  constructor(bounds: { readonly depthMax: number; readonly nodesMax: number }) {
    this.#depthMax = bounds.depthMax;
    this.#nodesMax = bounds.nodesMax;
  }

  get problem(): ShapeProblem | null {
    return this.#problem;
  }

  /** Notes the first problem; always false, so that checks can end with it. */
  fail(message: string): false {
    this.#problem ??= { path: this.#path.join('').replace(/^\./, ''), message };
    return false;
  }

  /** Runs `check` one level down, at a member (`.name`) or element (`[3]`). */
  within(place: string | number, check: () => boolean): boolean {
    if (this.#problem !== null) return false;
    this.#nodes += 1;
    if (this.#nodes > this.#nodesMax) return this.fail(`more than ${this.#nodesMax} parts`);
    if (this.#path.length >= this.#depthMax) {
      return this.fail(`nested deeper than ${this.#depthMax}`);
    }
    this.#path.push(typeof place === 'number' ? `[${place}]` : `.${place}`);
    const passed = check();
    this.#path.pop();
    return passed;
  }

  /** `check` on a member of an object; a missing one is undefined. */
  member(object: Json, name: string, check: (value: unknown) => boolean): boolean {
    return this.within(name, () => check(Object.hasOwn(object, name) ? object[name] : undefined));
  }

  list(value: unknown, check: (element: unknown) => boolean): boolean {
    if (!Array.isArray(value)) return this.fail('must be a list');
    return value.every((element: unknown, index) => this.within(index, () => check(element)));
  }

  object(value: unknown): value is Json {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return true;
    return this.fail('must be an object');
  }

  string(value: unknown): value is string {
    return typeof value === 'string' || this.fail('must be a string');
  }

  boolean(value: unknown): value is boolean {
    return typeof value === 'boolean' || this.fail('must be true or false');
  }

  oneOf(value: unknown, allowed: readonly string[]): boolean {
    if (typeof value === 'string' && allowed.includes(value)) return true;
    return this.fail(`must be one of ${allowed.join(', ')}`);
  }

  whole(value: unknown, min: number, max = Number.MAX_SAFE_INTEGER): value is number {
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) {
      return true;
    }
    return this.fail(`must be a whole number of at least ${min} and at most ${max}`);
  }

  /** Milliseconds: finite, above `above`. */
  number(value: unknown, above = Number.NEGATIVE_INFINITY): value is number {
    if (typeof value === 'number' && Number.isFinite(value) && value > above) return true;
    return this.fail('must be a number in range');
  }

  nullOr(value: unknown, check: (value: unknown) => boolean): boolean {
    return value === null || check(value);
  }

  /** Any JSON value, within depth and budget. */
  value(value: unknown): value is Value {
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
    if (typeof value === 'number') return this.number(value);
    if (Array.isArray(value)) return this.list(value, (element) => this.value(element));
    if (!this.object(value)) return false;
    return Object.keys(value).every((key) => this.member(value, key, (one) => this.value(one)));
  }
}
