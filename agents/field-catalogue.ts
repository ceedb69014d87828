/**
 * Names and types of a stream's top-level fields, learned from a sample of events; no values are
 * kept. The engine offers them for completion and for its check of names.
 */
import type { OfferedField } from '../src/wire/agent-messages.ts';

/** Of an offered field besides its name. */
const FIELD_CHARACTERS = 32;

type FieldType = OfferedField['type'];

export class FieldCatalogue {
  readonly #types = new Map<string, FieldType>();
  readonly #limits: { readonly fieldsMax: number; readonly nameLengthMax: number };
  #changed = false;
  #characters = 0;

  /** `denied`: names that are told, and that no query gets. */
  constructor(
    limits: { readonly fieldsMax: number; readonly nameLengthMax: number },
    denied: readonly string[] = [],
  ) {
    this.#limits = limits;
    for (const name of denied) this.#note(name, 'denied');
  }

  /** True: something was learned since `offered` was last called. */
  get changed(): boolean {
    return this.#changed;
  }

  /** Roughly how long `offered()` is as JSON. */
  get characters(): number {
    return this.#characters;
  }

  learn(event: object): void {
    for (const [name, value] of Object.entries(event)) {
      const type = typeOf(value);
      if (type !== null) this.#note(name, type);
    }
  }

  offered(): readonly OfferedField[] {
    this.#changed = false;
    return [...this.#types].map(([name, type]) => ({ name, type }));
  }

  #note(name: string, type: FieldType): void {
    const known = this.#types.get(name);
    if (known === type || known === 'mixed' || known === 'denied') return;
    if (known === undefined && this.#types.size >= this.#limits.fieldsMax) return;
    if (name.length > this.#limits.nameLengthMax) return;
    if (known === undefined) this.#characters += name.length + FIELD_CHARACTERS;
    this.#types.set(name, known === undefined ? type : 'mixed');
    this.#changed = true;
  }
}

/** Null: nothing that JSON could say. */
function typeOf(value: unknown): FieldType | null {
  switch (typeof value) {
    case 'string':
    case 'bigint':
      return 'string';
    case 'boolean':
      return 'boolean';
    case 'number':
      return 'number';
    case 'object':
      if (value === null) return null;
      return Array.isArray(value) ? 'list' : 'object';
    default:
      return null;
  }
}
