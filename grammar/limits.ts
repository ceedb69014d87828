/**
 * The bounds of a query's text (contract L17). They are counted on text and tokens before anything
 * recursive runs, so neither the parser nor any walk over the tree can exhaust the stack.
 */

/** Largest query text, in UTF-8 bytes. */
export const QUERY_BYTES_MAX = 64 * 1024;

/** Most tokens in one query, comments aside. */
export const QUERY_TOKENS_MAX = 8_000;

/** Deepest nesting of parentheses, brackets, CASE, NOT and prefix operators. */
export const QUERY_NESTING_MAX = 64;

/**
 * Deepest tree: nesting plus the arithmetic operators that lie on one path (`a + b + c` is a tree
 * of depth two). It bounds the recursion of everything that walks the tree.
 */
export const QUERY_TREE_DEPTH_MAX = 1_000;
