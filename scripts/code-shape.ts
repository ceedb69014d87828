/**
 * The shape of code as a reader sees it: lines, functions, comments. Works on formatted text, where
 * a block ends at the first closing brace as far left as the line that opened it; no parser needed.
 */

export interface FunctionSpan {
  readonly name: string;
  /** Line of the signature, from 1. */
  readonly line: number;
  /** Lines of the body, blank lines and comments left out. */
  readonly length: number;
}

const FUNCTION_STARTS = [
  /^\s*(?:export )?(?:default )?(?:async )?function\*? (\w+)/,
  /^\s*(?:export )?const (\w+)[^=]*= (?:async )?(?:<[^>]*>)?\(.*$/,
  /^\s+(?:static )?(?:override )?(?:async )?(?:get |set )?\*?(#?\w+)(?:<.*>)?\(.*$/,
];
/** Words that open a block with a parenthesis like a method does. */
const STATEMENTS = new Set([
  'if',
  'for',
  'while',
  'switch',
  'catch',
  'return',
  'function',
  'await',
]);
const SIGNATURE_LINES_MAX = 12;

/** Functions, methods and named closures of more than one line. */
export function functionsOf(text: string): FunctionSpan[] {
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    const name = FUNCTION_STARTS.map((start) => start.exec(line)?.[1]).find(Boolean);
    if (name === undefined || STATEMENTS.has(name)) return [];
    const opening = openingOf(lines, index);
    if (opening === null) return [];
    const closing = lines.findIndex(
      (candidate, at) =>
        at > opening && candidate.trimStart().startsWith('}') && depth(candidate) === depth(line),
    );
    if (closing === -1) return [];
    const length = codeLines(lines.slice(opening + 1, closing).join('\n')).length;
    return [{ name, line: index + 1, length }];
  });
}

/** Lines that are neither blank nor comment. */
export function codeLines(text: string): string[] {
  return text
    .replaceAll(/^\s*\/\*[\s\S]*?\*\/\s*$/gm, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.trimStart().startsWith('//'));
}

/** `text` with comments blanked, line for line, so that positions stay. */
export function withoutComments(text: string): string {
  return text.replaceAll(/(^|\s)(?:\/\*[\s\S]*?\*\/|\/\/.*$)/gm, (comment) =>
    comment.replaceAll(/[^\n]/g, ' '),
  );
}

/** The value below which a share `q` of the values lies; 0 of none. */
export function quantileOf(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;
}

/** Line that ends the signature with `{`; null: an expression, or no function after all. */
function openingOf(lines: readonly string[], start: number): number | null {
  const own = depth(lines[start] ?? '');
  for (let at = start; at < Math.min(lines.length, start + SIGNATURE_LINES_MAX); at += 1) {
    const line = lines[at] ?? '';
    if (at > start && depth(line) < own) return null;
    if (depth(line) === own && line.endsWith('{')) return at;
    if (depth(line) === own && line.endsWith(';')) return null;
  }
  return null;
}

function depth(line: string): number {
  return line.length - line.trimStart().length;
}
