/**
 * Key values of an event ⇒ its group, without making anything for a group that is known: maps of
 * maps by the values themselves. Lists and objects are told apart by their text instead.
 * Bench: bench/agent.ts (group-by).
 */
import type { RowContext, RowFunction } from '../expr/context.ts';
import type { Value } from '../model/value.ts';
import type { GroupStates } from '../window/group-states.ts';

export type KeyLevel = Map<Value, KeyLevel | number>;

export class KeyGroups {
  /** Of the texts of the key that was looked for last, if it was not known. */
  keyBytes = 0;
  readonly #keys: readonly RowFunction[];
  readonly #states: GroupStates;
  /** By the value of the first key: the group, or the same by the value of the next. */
  readonly first: KeyLevel = new Map<Value, KeyLevel | number>();

  constructor(keys: readonly RowFunction[], states: GroupStates) {
    this.#keys = keys;
    this.#states = states;
  }

  groupOf(row: RowContext): number {
    const keys = this.#keys;
    let level = this.first;
    for (let k = 0; k < keys.length; k++) {
      const next = level.get(keys[k]!(row));
      if (typeof next === 'number') return next;
      if (next === undefined) break;
      level = next;
    }
    return this.#find(row);
  }

  clear(): void {
    this.first.clear();
  }

  #find(row: RowContext): number {
    const key = this.#keys.map((read) => read(row));
    const group = this.#states.groupOf(key);
    this.keyBytes = bytesOf(key);
    // What is folded is not remembered: the many values that overflow must take no room.
    if (group !== this.#states.overflow && key.every(isAtom)) this.#remember(key, group);
    return group;
  }

  #remember(key: readonly Value[], group: number): void {
    let level = this.first;
    const last = key.length - 1;
    for (let k = 0; k < last; k++) {
      let next = level.get(key[k]!);
      if (next === undefined) level.set(key[k]!, (next = new Map<Value, KeyLevel | number>()));
      level = next as KeyLevel;
    }
    level.set(key[last] ?? null, group);
  }
}

/** In the key itself, in the text by which its group is found, and in the maps. */
function bytesOf(key: readonly Value[]): number {
  let length = 0;
  for (const value of key) {
    if (typeof value === 'string') length += value.length;
    else if (!isAtom(value)) length += JSON.stringify(value).length;
  }
  return 4 * length;
}

function isAtom(value: Value): boolean {
  return typeof value !== 'object' || value === null;
}
