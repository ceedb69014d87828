/**
 * The shape in which boards are written, for validation and for the API's document. Loading zod
 * takes a fifth of a second, so only who reads boards imports this.
 */
import { z } from 'zod';
import {
  ALL,
  GRID_COLUMNS,
  GRID_ROWS_MAX,
  PANEL_SHOWS,
  PANELS_MAX,
  VARIABLE_VALUES_MAX,
  VARIABLES_MAX,
} from './board.ts';
import type { Board, BoardPanel, BoardVariable } from './board.ts';

const QUERY_MAX = 64 * 1024;
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

const title = z.string({ error: 'a text' }).min(1, { error: 'a text' }).max(200);
const query = z.string({ error: 'a query' }).min(1, { error: 'a query' }).max(QUERY_MAX);
/** Numbers and booleans are taken as they are written. */
const value = z
  .union([z.string().max(500), z.number(), z.boolean()], { error: 'a text' })
  .transform(String);

const place = z
  .tuple(
    [
      z
        .int()
        .min(0)
        .max(GRID_COLUMNS - 1),
      z.int().min(0).max(GRID_ROWS_MAX),
      z.int().min(1).max(GRID_COLUMNS),
      z.int().min(1).max(GRID_ROWS_MAX),
    ],
    { error: 'four whole numbers: column, row, width and height' },
  )
  .refine(([x, , width]) => x + width <= GRID_COLUMNS, {
    error: `column and width are at most ${GRID_COLUMNS} together`,
  });

const panelShape = z.strictObject(
  {
    title,
    query,
    show: z.enum(PANEL_SHOWS, { error: `one of ${PANEL_SHOWS.join(', ')}` }).optional(),
    column: z.string({ error: 'a column' }).max(500).optional(),
    description: z.string({ error: 'a text' }).max(2_000).optional(),
    at: place.optional(),
  },
  { error: 'a panel: a map with `title` and `query`' },
);

const variableShape = z.strictObject(
  {
    label: title.optional(),
    values: z.array(value, { error: 'a list' }).max(VARIABLE_VALUES_MAX).optional(),
    query: query.optional(),
    all: z.boolean({ error: 'true or false' }).optional(),
    default: value.optional(),
  },
  { error: 'a variable: a map with `values` or `query`' },
);

export const boardShape = z
  .strictObject({
    name: z.string({ error: 'a board needs a name' }).regex(NAME, {
      error: 'a name of letters, digits and _ . - (at most 100)',
    }),
    title: title.optional(),
    description: z.string({ error: 'a text' }).max(2_000).optional(),
    variables: z
      .record(
        z.string().regex(VARIABLE, { error: 'a name of letters, digits and _' }),
        variableShape,
        { error: 'a map of variables' },
      )
      .refine((known) => Object.keys(known).length <= VARIABLES_MAX, {
        error: `at most ${VARIABLES_MAX} variables`,
      })
      .optional(),
    panels: z
      .array(panelShape, { error: 'a list of panels' })
      .max(PANELS_MAX, { error: `at most ${PANELS_MAX} panels` }),
  })
  .describe('A board.');

export type BoardText = z.output<typeof boardShape>;

export function boardFrom(text: BoardText): Board {
  return {
    name: text.name,
    title: text.title ?? text.name,
    description: text.description ?? '',
    variables: Object.entries(text.variables ?? {}).map(([name, given]) =>
      variableFrom(name, given),
    ),
    panels: text.panels.map(panelFrom),
  };
}

function variableFrom(name: string, given: z.output<typeof variableShape>): BoardVariable {
  const { values = [], all = true } = given;
  return {
    name,
    label: given.label ?? name,
    values,
    query: given.query ?? null,
    all,
    default: given.default ?? (all ? ALL : (values[0] ?? '')),
  };
}

function panelFrom(given: z.output<typeof panelShape>): BoardPanel {
  const { title: name, query: text, show = 'auto', column = null, description = '', at } = given;
  const [x = 0, y = 0, width = 1, height = 1] = at ?? [];
  const place = at === undefined ? null : { x, y, width, height };
  return { title: name, query: text, show, column, description, at: place };
}
