/** The routes of tables that joins look up. */
import { NUMBER_SETTINGS } from '../config.ts';
import { EngineError } from '../core/errors.ts';
import type { TableFormat } from '../model/read-table.ts';
import type { GatewayContext } from './gateway-context.ts';
import { header, readJsonObject, textMember } from './http-request.ts';
import type { GatewayRequest } from './http-request.ts';
import { json } from './json-response.ts';
import { decodeBody, readBody } from './request-body.ts';
import type { Handler } from './route-handlers.ts';
import type { TablePort, TableView } from './table-port.ts';

type TableRoute = 'tables' | 'table' | 'putTable' | 'putTableSource' | 'deleteTable';

const ROWS_SHOWN = 20;

/** A map, for a header may be the name of anything that objects inherit. */
const FORMATS: ReadonlyMap<string, TableFormat> = new Map([
  ['text/csv', 'csv'],
  ['application/json', 'json'],
  ['application/x-ndjson', 'ndjson'],
]);

export const TABLE_HANDLERS: Readonly<Record<TableRoute, Handler>> = {
  tables: (_, context) => json({ tables: tablesOf(context).list() }),
  table: (request, context) => {
    const port = tablesOf(context);
    const view = viewOf(request, port);
    return json({ ...view, sample: port.rows(view.name, ROWS_SHOWN) });
  },
  putTable,
  putTableSource,
  deleteTable: (request, context) => {
    const port = tablesOf(context);
    port.remove(viewOf(request, port).name);
    return new Response(null, { status: 204 });
  },
};

async function putTable(request: GatewayRequest, context: GatewayContext): Promise<Response> {
  const port = tablesOf(context);
  const { incoming } = request.env;
  const [type = ''] = header(incoming.headers, 'content-type').split(';');
  const format = FORMATS.get(type.trim().toLowerCase());
  if (format === undefined) {
    const detail = `Send ${[...FORMATS.keys()].join(', ')}.`;
    throw new EngineError('ENGINE_BAD_MEDIA_TYPE', detail);
  }
  const { tableBytesMax } = context.config;
  const lease = context.bodies.open();
  try {
    const raw = await readBody(incoming, tableBytesMax, lease);
    const encoding = header(incoming.headers, 'content-encoding');
    const body = await decodeBody(raw, encoding, tableBytesMax, lease);
    const { view, isNew } = port.put({
      name: request.req.param('table') ?? '',
      format,
      text: new TextDecoder().decode(body),
      key: request.req.query('key') ?? null,
      author: request.get('grant')?.name ?? 'anonymous',
    });
    return json(view, isNew ? 201 : 200);
  } finally {
    lease.release();
  }
}

async function putTableSource(request: GatewayRequest, context: GatewayContext): Promise<Response> {
  const port = tablesOf(context);
  const body = await readJsonObject(request, context);
  const { view, isNew } = await port.putSource({
    name: request.req.param('table') ?? '',
    url: textMember(body, 'url'),
    key: body['key'] === undefined ? null : textMember(body, 'key'),
    format: formatOf(body['format']),
    refreshMs: refreshOf(body['refreshMs']),
    author: request.get('grant')?.name ?? 'anonymous',
  });
  return json(view, isNew ? 201 : 200);
}

function formatOf(value: unknown): TableFormat | null {
  if (value === undefined) return null;
  const formats = [...FORMATS.values()];
  const known = formats.find((format) => format === value);
  if (known !== undefined) return known;
  const detail = `\`format\` is one of ${formats.join(', ')}.`;
  throw new EngineError('ENGINE_BAD_REQUEST', detail);
}

function refreshOf(value: unknown): number | null {
  if (value === undefined) return null;
  const { max, min } = NUMBER_SETTINGS.tableRefreshMs;
  if (Number.isInteger(value) && Number(value) >= min && Number(value) <= max) return Number(value);
  throw new EngineError('ENGINE_BAD_REQUEST', `\`refreshMs\` is from ${min} to ${max}.`);
}

function tablesOf({ engine }: GatewayContext): TablePort {
  if (engine.tables !== undefined) return engine.tables;
  throw new EngineError('ENGINE_STARTING', 'Tables are not known yet.');
}

function viewOf(request: GatewayRequest, port: TablePort): TableView {
  const name = request.req.param('table') ?? '';
  const view = port.get(name);
  if (view !== null) return view;
  throw new EngineError('ENGINE_NOT_FOUND', `There is no table ${JSON.stringify(name)}.`);
}
