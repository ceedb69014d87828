/** Text tables that fit a terminal: the widest columns give way first. */
import type { Paint } from './paint.ts';

const GAP = 2;
const COLUMN_MIN = 6;

export interface TableOptions {
  /** Columns of the terminal. */
  readonly columns: number;
  readonly paint: Paint;
}

/** Header and rows, each line ending with a newline. Cells must be printable. */
export function renderTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  options: TableOptions,
): string {
  const widths = fit(header, rows, options.columns);
  const line = (cells: readonly string[]): string =>
    widths
      .map((width, i) => pad(cells[i] ?? '', width, isNumeric(rows, i)))
      .join(' '.repeat(GAP))
      .trimEnd();
  const head = options.paint('bold', line(header));
  return `${[head, ...rows.map(line)].join('\n')}\n`;
}

function fit(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number,
): number[] {
  const widths = header.map((name, i) =>
    rows.reduce((width, row) => Math.max(width, (row[i] ?? '').length), name.length),
  );
  const available = columns - GAP * (widths.length - 1);
  for (;;) {
    const total = widths.reduce((sum, width) => sum + width, 0);
    const widest = Math.max(...widths);
    if (total <= available || widest <= COLUMN_MIN) return widths;
    widths[widths.indexOf(widest)] = Math.max(COLUMN_MIN, widest - (total - available));
  }
}

function pad(text: string, width: number, right: boolean): string {
  const cut = text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;
  return right ? cut.padStart(width) : cut.padEnd(width);
}

/** Numbers stand on the right, so that their digits line up. */
function isNumeric(rows: readonly (readonly string[])[], column: number): boolean {
  return rows.length > 0 && rows.every((row) => /^[-–]?[\d.,]*( ms)?$/.test(row[column] ?? ''));
}
