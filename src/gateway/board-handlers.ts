/** The routes of boards and annotations. Versions travel as ETag and If-Match. */
import type { BoardEntry } from '../board/board-book.ts';
import { EngineError } from '../core/errors.ts';
import type { BoardHowAsked, BoardPort } from './board-port.ts';
import type { BOARD_ROUTES } from './board-routes.ts';
import type { GatewayContext } from './gateway-context.ts';
import { expectedVersion, queryTime, readJsonObject } from './http-request.ts';
import type { GatewayRequest } from './http-request.ts';
import { json } from './json-response.ts';
import type { Handler } from './route-handlers.ts';

const ANNOTATIONS_DEFAULT = 100;
const ANNOTATIONS_MAX = 1_000;

export const BOARD_HANDLERS: Readonly<Record<keyof typeof BOARD_ROUTES, Handler>> = {
  boards: (_, context) => {
    const port = boardsOf(context);
    return json({ boards: port.entries().map(summary), files: port.book.lastReload });
  },
  checkBoard: async (request, context) => {
    const text = boardText(await readJsonObject(request, context));
    const { board, mistakes } = boardsOf(context).book.check(text);
    return json({ board, mistakes });
  },
  board: (request, context) => {
    const entry = entryOf(request, boardsOf(context));
    return json(detail(entry), 200, { ETag: etag(entry) });
  },
  putBoard: async (request, context) => {
    const text = boardText(await readJsonObject(request, context));
    const { entry, isNew } = boardsOf(context).put(nameOf(request), text, howOf(request));
    return json(detail(entry), isNew ? 201 : 200, { ETag: etag(entry) });
  },
  deleteBoard: (request, context) => {
    boardsOf(context).remove(nameOf(request), howOf(request));
    return new Response(null, { status: 204 });
  },
  boardVersions: (request, context) => {
    const name = nameOf(request);
    const versions = boardsOf(context).book.versions(name);
    if (versions.length === 0) throw unknownBoard(name);
    return json({ versions });
  },
  annotations: (request, context) => {
    const limit = Number(request.req.query('limit') ?? ANNOTATIONS_DEFAULT);
    if (!Number.isInteger(limit) || limit < 1 || limit > ANNOTATIONS_MAX) {
      throw new EngineError('ENGINE_BAD_REQUEST', `\`limit\` is from 1 to ${ANNOTATIONS_MAX}.`);
    }
    const fromMs = queryTime(request, 'from') ?? 0;
    const toMs = queryTime(request, 'to') ?? Number.MAX_SAFE_INTEGER;
    const tags = request.req.queries('tag') ?? [];
    const found = boardsOf(context).annotations.list({ fromMs, toMs, tags, limit });
    return json({ annotations: found });
  },
  annotate: async (request, context) => {
    const body = await readJsonObject(request, context);
    return json(boardsOf(context).annotate(body, byOf(request)), 201);
  },
  deleteAnnotation: (request, context) => {
    const id = request.req.param('id') ?? '';
    if (!boardsOf(context).removeAnnotation(id, byOf(request))) {
      throw new EngineError('ENGINE_NOT_FOUND', `There is no annotation ${JSON.stringify(id)}.`);
    }
    return new Response(null, { status: 204 });
  },
};

function summary({ board, origin, version, author, atMs }: BoardEntry): object {
  const { name, title, description, panels } = board;
  return { name, title, description, panels: panels.length, origin, version, author, atMs };
}

function detail(entry: BoardEntry): object {
  const { board, text, origin, version, author, atMs } = entry;
  return { board, text, origin, version, author, atMs };
}

/** `text` in YAML, or a whole board in JSON. */
function boardText(body: Readonly<Record<string, unknown>>): string {
  const { text } = body;
  return typeof text === 'string' ? text : JSON.stringify(body);
}

function boardsOf({ engine }: GatewayContext): BoardPort {
  if (engine.boards !== undefined) return engine.boards;
  throw new EngineError('ENGINE_STARTING', 'Boards are not known yet.');
}

function nameOf(request: GatewayRequest): string {
  return request.req.param('board') ?? '';
}

function entryOf(request: GatewayRequest, { book }: BoardPort): BoardEntry {
  const name = nameOf(request);
  const entry = book.entry(name);
  if (entry === null) throw unknownBoard(name);
  return entry;
}

function unknownBoard(name: string): EngineError {
  return new EngineError('ENGINE_NOT_FOUND', `There is no board ${JSON.stringify(name)}.`);
}

function etag({ version }: BoardEntry): string {
  return `"${version}"`;
}

function howOf(request: GatewayRequest): BoardHowAsked {
  return { by: byOf(request), expected: expectedVersion(request) };
}

function byOf(request: GatewayRequest): string {
  return request.get('grant')?.name ?? 'anonymous';
}
