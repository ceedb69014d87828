/**
 * A few texts of a key in front of its map, as JavaScript source: a text is found by its length and
 * three of its characters in half the time that a map takes to hash it. Where texts differ in none
 * of these, the cache is passed over until the next pane.
 * Bench: bench/agent.ts (group-by).
 */

/** A power of two. */
const PLACES = 64;
/** Longer texts would be held for too long. */
const LENGTH_MAX = 64;
/** So many misses of a pane teach nothing, nor does one in so many events. */
const MISSES_FREE = 64;
const MISSES_SHIFT = 3;

/** `i`: the table's number in the function. */
export function cacheDeclarations(i: number): readonly string[] {
  return [
    `const ct${i} = new Array(${PLACES}).fill(""), cf${i} = new Array(${PLACES}).fill(undefined);`,
    `let cm${i} = 0;`,
  ];
}

/** Source of a statement: groups have other numbers in another pane. */
export function cacheReset(i: number): string {
  return `{ ct${i}.fill(""); cf${i}.fill(undefined); cm${i} = 0; }`;
}

export interface Lookup {
  readonly i: number;
  /** The variable that is declared, and has what the map has; `undefined`: nothing. */
  readonly name: string;
  readonly map: string;
  /** Source of the key. */
  readonly value: string;
}

export function cachedLookup({ i, map, name, value }: Lookup): readonly string[] {
  const key = `y${i}`;
  const hash =
    `(${key}.charCodeAt(0) + 3 * ${key}.charCodeAt(n${key} - 2) + ` +
    `17 * ${key}.charCodeAt(n${key} - 1) + n${key}) & ${PLACES - 1}`;
  return [
    `let ${name};`,
    `const ${key} = ${value};`,
    `const n${key} = typeof ${key} === "string" ? ${key}.length : 0;`,
    `if (n${key} > 1 && n${key} <= ${LENGTH_MAX} && cm${i} >= 0) {`,
    `const at = ${hash};`,
    `if (ct${i}[at] === ${key}) ${name} = cf${i}[at];`,
    `else if ((${name} = ${map}.get(${key})) !== undefined) {`,
    `ct${i}[at] = ${key}; cf${i}[at] = ${name};`,
    `if (++cm${i} > ${MISSES_FREE} + (p${i}.matched >> ${MISSES_SHIFT})) cm${i} = -1;`,
    '}',
    `} else ${name} = ${map}.get(${key});`,
  ];
}
