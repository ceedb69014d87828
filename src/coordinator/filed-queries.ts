/**
 * Saved queries from two places: those that somebody saved, which the store keeps, and those that
 * files define, which only their files can change. Of one name the file's counts.
 */
import { EngineError } from '../core/errors.ts';
import type { SavedQueries, SavedQuery } from '../store/saved-queries.ts';

/** A saved query that a file defines. */
export interface FiledQuery extends SavedQuery {
  readonly file: string;
}

export class FiledQueries implements SavedQueries {
  readonly #stored: SavedQueries;
  #filed: ReadonlyMap<string, FiledQuery> = new Map();

  constructor(stored: SavedQueries) {
    this.#stored = stored;
  }

  /** Whether the store has one of that name, hidden or not. */
  isStored(name: string): boolean {
    return this.#stored.get(name) !== undefined;
  }

  filed(name: string): FiledQuery | undefined {
    return this.#filed.get(name);
  }

  get allFiled(): readonly FiledQuery[] {
    return [...this.#filed.values()];
  }

  /** All that files define from now on. */
  replace(filed: readonly FiledQuery[]): void {
    this.#filed = new Map(filed.map((query) => [query.name, query]));
  }

  names(): readonly string[] {
    return [...new Set([...this.#stored.names(), ...this.#filed.keys()])];
  }

  get(name: string): SavedQuery | undefined {
    return this.#filed.get(name) ?? this.#stored.get(name);
  }

  all(): readonly SavedQuery[] {
    const stored = this.#stored.all().filter(({ name }) => !this.#filed.has(name));
    return [...stored, ...this.#filed.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  put(query: SavedQuery): void {
    this.#refuse(query.name);
    this.#stored.put(query);
  }

  remove(name: string): void {
    this.#refuse(name);
    this.#stored.remove(name);
  }

  #refuse(name: string): void {
    const filed = this.#filed.get(name);
    if (filed === undefined) return;
    throw new EngineError('ENGINE_IN_FILE', `${name} is defined in ${filed.file}`);
  }
}
