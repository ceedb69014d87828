/**
 * A board as data: panels on a grid, each with a query of its own, and variables that all of them
 * share. What its author wrote, with every default filled in. Nothing here runs.
 */

/** How a panel shows its result; `auto` goes by the shape of the query. */
export const PANEL_SHOWS = ['auto', 'lines', 'bars', 'stat', 'heat', 'table'] as const;
export type PanelShow = (typeof PANEL_SHOWS)[number];

/** Cells of the grid: 12 columns, rows of one height. */
export interface PanelPlace {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface BoardPanel {
  readonly title: string;
  /** MQL; `$name` stands for the value of a variable. */
  readonly query: string;
  readonly show: PanelShow;
  /** The column that is shown; null: the first with numbers. */
  readonly column: string | null;
  readonly description: string;
  /** Null: below what stands already, as wide as half the board. */
  readonly at: PanelPlace | null;
}

export interface BoardVariable {
  /** `$name` in queries. */
  readonly name: string;
  readonly label: string;
  /** Values that are offered. */
  readonly values: readonly string[];
  /** MQL: the values of its first key, or of its first column, are offered too; null: none are. */
  readonly query: string | null;
  /** Whether {@link ALL} is offered: the query says what it means. */
  readonly all: boolean;
  /** What it is unless the address says otherwise. */
  readonly default: string;
}

export interface Board {
  /** Unique among all boards of an engine; stands in addresses. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly BoardVariable[];
  readonly panels: readonly BoardPanel[];
}

/** The value of a variable that stands for every value. */
export const ALL = 'all';

export const GRID_COLUMNS = 12;
export const PANELS_MAX = 40;
export const VARIABLES_MAX = 8;
export const VARIABLE_VALUES_MAX = 200;
/** Rows of the grid. */
export const GRID_ROWS_MAX = 500;
