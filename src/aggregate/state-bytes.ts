/**
 * What states take in memory, about: engines differ, and budgets need no more. Typed arrays count
 * what they are long.
 */

/** One value in a list, or a number in a map. */
export const VALUE_BYTES = 16;
/** One text in a set, of middling length. */
export const TEXT_BYTES = 64;
/** One counter of a text, in a map, a heap and a map of places. */
export const COUNTER_BYTES = 160;
/** One whole event. */
export const EVENT_BYTES = 512;
