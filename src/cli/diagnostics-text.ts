/** Diagnostics for a terminal: the line of the query, a caret under the place, and the way out. */
import type { Diagnostic } from '../../grammar/diagnostic.ts';
import type { Paint } from './paint.ts';

const TEXT_COLUMNS_MAX = 160;

/** One block a diagnostic, each ending with a newline. */
export function renderDiagnostics(
  query: string,
  diagnostics: readonly Diagnostic[],
  paint: Paint,
): string {
  return diagnostics.map((diagnostic) => renderDiagnostic(query, diagnostic, paint)).join('\n');
}

function renderDiagnostic(query: string, diagnostic: Diagnostic, paint: Paint): string {
  const { severity, code, message, span, hint } = diagnostic;
  const color = severity === 'error' ? 'red' : 'yellow';
  const head = `${paint(color, severity)}: ${message} ${paint('dim', `[${code}]`)}`;
  const { text, caretAt } = excerpt(query.split('\n')[span.line - 1] ?? '', span.column - 1);
  const gutter = `${span.line}:${span.column}`;
  const length = Math.max(1, Math.min(span.end - span.start, text.length - caretAt));
  const caret = `${' '.repeat(caretAt)}${paint(color, '^'.repeat(length))}`;
  const lines = [head, `  ${gutter} | ${text}`, `  ${' '.repeat(gutter.length)} | ${caret}`];
  if (hint !== undefined) lines.push(`  ${paint('cyan', 'hint')}: ${hint}`);
  return `${lines.join('\n')}\n`;
}

/** The part of a long line around the place. */
function excerpt(line: string, column: number): { text: string; caretAt: number } {
  const printable = line.replaceAll('\t', ' ');
  if (printable.length <= TEXT_COLUMNS_MAX) return { text: printable, caretAt: column };
  const from = Math.max(0, column - TEXT_COLUMNS_MAX / 2);
  return { text: printable.slice(from, from + TEXT_COLUMNS_MAX), caretAt: column - from };
}
