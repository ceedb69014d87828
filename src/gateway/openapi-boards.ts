/** The OpenAPI descriptions of boards and annotations. */
import { z } from '@hono/zod-openapi';
import type { BOARD_ROUTES } from './board-routes.ts';
import type { Description } from './openapi.ts';

const JSON_TYPE = 'application/json';
const optionalText = z.string().optional();
const time = z.int().describe('ms since 1970');

const mistake = z.object({
  severity: z.enum(['error', 'warning']),
  line: z.int(),
  column: z.int(),
  message: z.string(),
});

const origin = {
  origin: z.string().describe('`api`, `starter`, or the file it stands in'),
  version: z.int().describe('0: it did not come through the API'),
  author: z.string(),
  atMs: time,
};

const board = z.looseObject({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  variables: z.array(
    z.object({
      name: z.string(),
      label: z.string(),
      values: z.array(z.string()),
      query: z.string().nullable(),
      all: z.boolean(),
      default: z.string(),
    }),
  ),
  panels: z.array(
    z.object({
      title: z.string(),
      query: z.string(),
      show: z.enum(['auto', 'lines', 'bars', 'stat', 'heat', 'table']),
      column: z.string().nullable(),
      description: z.string(),
      at: z
        .object({ x: z.int(), y: z.int(), width: z.int(), height: z.int() })
        .nullable()
        .describe('cells of a grid of 12 columns'),
    }),
  ),
});

const Boards = z
  .object({
    boards: z.array(
      z.object({
        name: z.string(),
        title: z.string(),
        description: z.string(),
        panels: z.int(),
        ...origin,
      }),
    ),
    files: z.looseObject({}).nullable().describe('what the newest look at the files said'),
  })
  .openapi('Boards');

const Board = z.object({ board, text: z.string().describe('YAML'), ...origin }).openapi('Board');

const BoardText = z
  .looseObject({ text: optionalText.describe('the board in YAML; or its members here') })
  .openapi('BoardText');

const annotation = z.object({
  id: z.string(),
  timeMs: time,
  endMs: time.nullable().describe('null: it was a moment'),
  title: z.string(),
  text: z.string(),
  tags: z.array(z.string()),
  author: z.string(),
});

const AnnotateRequest = z
  .object({
    title: z.string().describe('what happened: deploy 1.4.2'),
    text: optionalText,
    tags: z.array(z.string()).optional().describe('deploy, service:web'),
    time: z.union([z.int(), z.string()]).optional().describe('ms or ISO 8601; now if left out'),
    endTime: z.union([z.int(), z.string()]).optional(),
  })
  .openapi('AnnotateRequest');

const versions = z.object({
  versions: z.array(
    z.object({
      name: z.string(),
      version: z.int(),
      text: z.string().nullable().describe('null: it was removed'),
      author: z.string(),
      atMs: time,
    }),
  ),
});

export const BOARD_DESCRIPTIONS: Readonly<Record<keyof typeof BOARD_ROUTES, Description>> = {
  boards: { summary: 'Boards, wherever they came from', answer: { [JSON_TYPE]: Boards } },
  checkBoard: {
    summary: 'Check a board without keeping it',
    description: 'Mistakes are data: the status is 200, and `mistakes` says where and why.',
    body: { [JSON_TYPE]: BoardText },
    answer: {
      [JSON_TYPE]: z.object({ board: board.nullable(), mistakes: z.array(mistake) }),
    },
  },
  board: {
    summary: 'One board',
    description: 'The `ETag` is the version of the board.',
    answer: { [JSON_TYPE]: Board },
  },
  putBoard: {
    summary: 'Make or change a board',
    description:
      'Body: the board in JSON, or `text` in YAML. `If-Match` with the ETag refuses to overwrite ' +
      'what somebody else changed meanwhile, `If-None-Match: *` to overwrite anything. ' +
      'Boards of files are changed in their files; a starter is hidden by one of its name.',
    body: { [JSON_TYPE]: BoardText },
    answer: { [JSON_TYPE]: Board },
  },
  deleteBoard: {
    summary: 'Remove a board; a starter of its name comes back',
    status: 204,
    answer: null,
  },
  boardVersions: {
    summary: 'The newest versions of a board of the API',
    answer: { [JSON_TYPE]: versions },
  },
  annotations: {
    summary: 'What happened from outside, newest first',
    description: 'Those that overlap with `from` to `to` and have every `tag`.',
    query: z.object({
      ...{ from: optionalText, to: optionalText, limit: optionalText },
      tag: z.array(z.string()).optional(),
    }),
    answer: { [JSON_TYPE]: z.object({ annotations: z.array(annotation) }) },
  },
  annotate: {
    summary: 'Say that something happened, such as a deployment',
    status: 201,
    body: { [JSON_TYPE]: AnnotateRequest },
    answer: { [JSON_TYPE]: annotation.openapi('Annotation') },
  },
  deleteAnnotation: { summary: 'Take an annotation back', status: 204, answer: null },
};
